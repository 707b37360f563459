"""Everything that reports say, in English and Chinese: the only place of the room that knows languages."""

from __future__ import annotations

from attendo.errors import UnsupportedError

_LANGUAGES = ("en", "zh")


class _Said:
    """A phrase in each language; read from a `Words` it is in that one's language."""

    def __init__(self, en: str, zh: str) -> None:
        self.phrases = {"en": en, "zh": zh}

    def __get__(self, instance: Words | None, owner: type) -> str:
        return self.phrases["en" if instance is None else instance.language]


class Words:
    """The phrases of one language; braces are filled in by `str.format`."""

    def __init__(self, language: str) -> None:
        if language not in _LANGUAGES:
            raise UnsupportedError(f"A report can be in {' or '.join(map(repr, _LANGUAGES))}, but not in {language!r}.")
        self.language = language

    def name(self, key: str) -> str:
        """What a score, a set, a system or a part of a model is called; what has no name here stands for itself."""
        return _NAMES[key].phrases[self.language] if key in _NAMES else key

    def meaning(self, key: str) -> str:
        """What a score tells."""
        return _MEANINGS[key].phrases[self.language]

    def texts(self, count: int, set_name: str = "") -> str:
        """So many texts, of a set if one is named: "500 test texts"."""
        phrase = self._one_text if count == 1 else self._many_texts
        kind = self.name(set_name) + self.between_sentences if set_name else ""
        return phrase.format(count=f"{count:,}", kind=kind)

    def texts_of(self, set_name: str) -> str:
        """The texts of a set without their number: "test texts"."""
        return self._texts_of_set.format(kind=self.name(set_name))

    _one_text = _Said("{count} {kind}text", "{count} 条{kind}文本")
    _many_texts = _Said("{count} {kind}texts", "{count} 条{kind}文本")
    _texts_of_set = _Said("{kind} texts", "{kind}文本")
    between_sentences = _Said(" ", "")

    # numbers
    range = _Said("{low} to {high}", "{low} 至 {high}")
    with_range = _Said("{value} ({low} to {high})", "{value}（{low} 至 {high}）")
    seconds = _Said("{seconds} s", "{seconds} 秒")
    minutes = _Said("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒")
    hours = _Said("{hours} h {minutes} min", "{hours} 小时 {minutes} 分")

    # the verdict
    right = _Said(
        "On {texts} the model is right in {ours}; the linear model in {linear}.",
        "在 {texts}上，模型答对 {ours}，线性模型答对 {linear}。",
    )
    all_right = _Said(
        "On {texts} the model gets all labels right in {ours}; the linear model in {linear}.",
        "在 {texts}上，模型把全部标签都答对的占 {ours}，线性模型占 {linear}。",
    )
    reached = _Said(
        "On {texts} the model reaches {measure} {ours}; {reference} {linear}.",
        "在 {texts}上，模型的{measure}为 {ours}，{reference}为 {linear}。",
    )
    better = _Said(
        "It is better by {points} points ({low} to {high}), more than chance explains: the Transformer was worth it.",
        "模型高出 {points} 个百分点（{low} 至 {high}），不能用偶然解释：用 Transformer 是值得的。",
    )
    unclear = _Said(
        "The difference of {points} points lies between {low} and {high}, so it may be chance.",
        "相差 {points} 个百分点，介于 {low} 与 {high} 之间，因此可能只是偶然。",
    )
    worse = _Said(
        "It is worse by {points} points ({low} to {high}), more than chance explains: use the linear model.",
        "模型低了 {points} 个百分点（{low} 至 {high}），不能用偶然解释：请用线性模型。",
    )
    number_better = _Said(
        "That is {points} more ({low} to {high}), more than chance explains: the Transformer was worth it.",
        "模型高出 {points}（{low} 至 {high}），不能用偶然解释：用 Transformer 是值得的。",
    )
    number_unclear = _Said(
        "The difference of {points} lies between {low} and {high}, so it may be chance.",
        "相差 {points}，介于 {low} 与 {high} 之间，因此可能只是偶然。",
    )
    number_worse = _Said(
        "That is {points} less ({low} to {high}), more than chance explains: use {reference}.",
        "模型低了 {points}（{low} 至 {high}），不能用偶然解释：请用{reference}。",
    )
    worse_than = _Said(
        "It is worse by {points} points ({low} to {high}), more than chance explains: use {reference}.",
        "模型低了 {points} 个百分点（{low} 至 {high}），不能用偶然解释：请用{reference}。",
    )
    useless = _Said(
        "The same answer for every text would be right in {majority}: no less often than the model.",
        "对每条文本都给同一个答案也能答对 {majority}，并不比模型少。",
    )
    only_dev = _Said(
        "There were no test texts. The dev texts also chose the best epoch, so expect a little less on new texts.",
        "没有测试文本。开发文本也用来挑选最佳轮次，所以在新文本上的成绩会略低一些。",
    )

    # the answer
    summary = _Said("{texts}, {labels} labels, trained in {time}", "{texts}，{labels} 个标签，训练用时 {time}")
    summary_without = _Said("{texts}, trained in {time}", "{texts}，训练用时 {time}")
    evaluated_numbers = _Said("{texts}, a number for each", "{texts}，每条一个数")
    evaluated = _Said("{texts}, {labels} labels", "{texts}，{labels} 个标签")
    answer = _Said("Was it worth it?", "值得吗？")
    scores = _Said("Scores", "成绩")
    model = _Said("Model", "模型")
    against = _Said("points against {reference}", "与{reference}相差的百分点")
    against_number = _Said("against {reference}", "与{reference}相差")
    linear_model = _Said("the linear model", "线性模型")
    score_on = _Said("{measure}, {texts}", "{measure}，{texts}")
    time = _Said("time to train", "训练用时")
    system = _Said("system", "系统")
    measure = _Said("score", "指标")
    value = _Said("value", "数值")
    interval = _Said("95% interval", "95% 区间")
    named = _Said("{name}: {value}", "{name}：{value}")
    about_intervals = _Said(
        "The ranges are 95% bootstrap intervals: where a score would lie on most other sets of texts of this kind.",
        "区间是 95% 自助法区间：换一批同类文本，成绩多半落在其中。",
    )
    meaning_title = _Said("what it tells", "含义")
    meanings = _Said("What the scores mean", "各项指标的含义")

    # learning
    learning = _Said("How it learned", "学习过程")
    epoch = _Said("epoch", "轮次")
    losses = _Said("Loss by epoch", "每轮的损失")
    dev_scores = _Said("Scores on dev texts by epoch", "每轮在开发文本上的成绩")
    best_mark = _Said("best: epoch {epoch}", "最佳：第 {epoch} 轮")
    about_learning = _Said(
        "The weights after epoch {epoch} were kept, the best of {epochs} on the dev texts.",
        "保留第 {epoch} 轮之后的权重，是 {epochs} 轮中在开发文本上最好的。",
    )
    about_shares = _Said(
        "The model has two paths: the deep one, a Transformer, and a linear one over words and n-grams. "
        "Their scores are added with weights {deep} and {linear}, fitted on the dev texts.",
        "模型有两条路：深层的一条是 Transformer，另一条是词与 n-gram 上的线性模型。"
        "两者的得分按权重 {deep} 和 {linear} 相加，权重在开发文本上拟合。",
    )

    # classes
    classes = _Said("Class by class", "逐类成绩")
    confusion = _Said("Confusion matrix: {texts}", "混淆矩阵：{texts}")
    confusion_part = _Said(
        "Confusion matrix: the {shown} of {all} classes that are mixed up most",
        "混淆矩阵：{all} 类中最易混淆的 {shown} 类",
    )
    is_label = _Said("is", "实际")
    said_label = _Said("said", "预测")
    f1_by_class = _Said("F1 of each class", "各类的 F1")
    lowest_f1 = _Said("The {shown} classes with the lowest F1", "F1 最低的 {shown} 类")
    mixed_up = _Said("Mixed up most often: what it is → what was said", "最常混淆：实际 → 预测")
    label = _Said("class", "类别")
    support = _Said("texts", "文本数")
    precision = _Said("precision", "精确率")
    recall = _Said("recall", "召回率")
    per_class = _Said("Scores of the {count} classes", "{count} 个类别的成绩")

    # confidence
    confidence = _Said("How sure it is, and how right", "把握与正确")
    reliability = _Said("{system}: calibration error {error}", "{system}：校准误差 {error}")
    sure_axis = _Said("how sure", "把握")
    right_axis = _Said("how often right", "正确率")
    given_axis = _Said("probability given to a label", "给标签的概率")
    true_axis = _Said("how often it holds", "成立的比例")
    about_confidence = _Said(
        "On average the model is {sure} sure of its answer and right in {right}. Dots on the diagonal would mean that "
        "its probabilities can be taken at their word; below it, it is too sure. Bars: how many texts.",
        "模型平均有 {sure} 的把握，答对 {right}。点在对角线上，说明概率可以照字面相信；在线下，说明过于自信。"
        "柱形：文本数。",
    )
    about_probabilities = _Said(
        "On average the model gives a label {sure}, and {right} of them hold. Dots on the diagonal would mean that its "
        "probabilities can be taken at their word; below it, they are too high. Bars: how many decisions.",
        "模型给每个标签的概率平均为 {sure}，其中 {right} 成立。点在对角线上，说明概率可以照字面相信；在线下，说明偏高。"
        "柱形：判断的次数。",
    )

    # hardest errors
    hardest = _Said("Hardest errors", "最难的错误")
    sure = _Said("{share} sure", "把握 {share}")
    about_hardest = _Said("The mistakes of which it was surest.", "模型最有把握却答错的文本。")
    about_misses = _Said("The texts whose numbers were missed by most.", "数值偏差最大的文本。")
    missed_by = _Said("off by {miss}", "偏差 {miss}")
    about_furthest = _Said("The pairs that were judged most wrongly.", "判断得最离谱的文本对。")
    no_errors = _Said("There are no errors.", "没有错误。")
    text = _Said("text", "文本")

    # numbers
    numbers = _Said("Predicted and true numbers", "预测值与真实值")
    about_numbers = _Said(
        "The texts from the lowest to the highest prediction, in {count} parts of equal size: what was predicted and "
        "what is true, on average. Dots on the even line would mean that predictions can be taken at their word.",
        "文本按预测值从低到高分成 {count} 份，每份同样多：预测值与真实值的平均。"
        "点落在均匀的线上，说明预测可以照字面相信。",
    )
    predicted_number = _Said("predicted", "预测值")
    true_number = _Said("true", "真实值")
    even_line = _Said("as predicted", "与预测相同")

    # attention
    attention = _Said("What attention looks at", "注意力在看什么")
    about_attention = _Said(
        "Over dev texts, for each head of each layer. Entropy: 100% is an even spread over the whole text, 0% a look "
        "at one word only. Distance: how many words away a head looks; one that looked everywhere alike would look "
        "{even} words away.",
        "取自开发文本，逐层逐头。熵：100% 表示均匀地看全文，0% 表示只看一个词。距离：注意力头看多少个词之外；"
        "均匀地看全文时为 {even} 个词。",
    )
    entropy = _Said("Entropy, in % of the largest possible", "熵，占最大可能值的百分比")
    distance = _Said("Distance in words; even spread: {even}", "距离（词）；均匀时：{even}")
    layer = _Said("layer {number}", "第 {number} 层")
    head = _Said("head {number}", "头 {number}")
    received = _Said("Words that receive most attention", "得到注意最多的词")
    received_by = _Said("Layer {number}: attention received, even spread = 1", "第 {number} 层：得到的注意，均匀 = 1")

    # data
    data = _Said("Data", "数据")
    class_balance = _Said("Balance of the {count} classes", "{count} 个类别的分布")
    share = _Said("share", "占比")

    # decisions
    decisions = _Said("What was decided, and why", "决定与理由")
    reason = _Said("what was decided, and for what reason", "决定及其理由")
    decided = _Said("decided for this run", "本次运行的决定")
    part = _Said("part of the model", "模型部分")
    parameters = _Said("parameters", "参数数")
    all_settings = _Said("All settings", "全部设置")
    setting = _Said("setting", "设置")

    # cost
    cost = _Said("Cost", "开销")
    wall_clock = _Said("from start to end", "总用时")
    cpu_time = _Said("CPU time, all cores", "CPU 时间（全部核）")
    work = _Said(
        "Training read {tokens} tokens and took about {operations} floating-point operations.",
        "训练读了 {tokens} 个词元，约做了 {operations} 次浮点运算。",
    )
    peak_memory = _Said("peak memory", "内存峰值")
    made_with = _Said("Made with {versions}.", "所用软件：{versions}。")
    notes = _Said("Notes", "说明")
    noted = _Said("what the run noted", "运行中的说明")

    # what is in a file
    set_name = _Said("set", "数据集")
    file = _Said("file", "文件")
    format = _Said("format", "格式")
    rows = _Said("rows", "行数")
    usable = _Said("usable", "可用")
    empty = _Said("empty", "空")
    unlabelled = _Said("unlabelled", "无标签")
    skipped = _Said("left out", "略去")
    other_classes = _Said("{count} more classes", "其余 {count} 类")
    text_column = _Said("text column", "文本列")
    label_column = _Said("label column", "标签列")
    characters = _Said("length in characters", "长度（字符）")
    words_counted = _Said("length in words", "长度（词）")
    lengths = _Said(
        "median {median}, 95% up to {most}, longest {longest}", "中位数 {median}，95% 不超过 {most}，最长 {longest}"
    )
    scripts = _Said("scripts", "文字")
    duplicates = _Said("texts that occur more than once", "重复出现的文本")
    conflicts = _Said("texts with different labels", "标签互相矛盾的文本")
    note = _Said("Note", "说明")
    warning = _Said("Warning", "注意")
    problem = _Said("Problem", "问题")


_NAMES = {
    "train": _Said("training", "训练"),
    "dev": _Said("dev", "开发"),
    "test": _Said("test", "测试"),
    "majority class": _Said("majority class", "多数类"),
    "mean number": _Said("mean of the training texts", "训练文本的平均值"),
    "known names": _Said("names seen in training", "训练中见过的名称"),
    "usual roles": _Said("what words usually are", "词的常见角色"),
    "word overlap": _Said("words near those of the question", "问题词附近的词"),
    "linear n-grams": _Said("linear n-grams", "线性 n-gram"),
    "tf-idf": _Said("tf-idf of n-grams", "n-gram 的 tf-idf"),
    "averaged word vectors": _Said("averaged word vectors", "词向量平均"),
    "mean_reciprocal_rank": _Said("mean reciprocal rank", "平均倒数排名"),
    "recall_at_1": _Said("partner found first", "首位即配对"),
    "accuracy": _Said("accuracy", "准确率"),
    "exact_match": _Said("all labels right", "标签全对"),
    "answer_exact": _Said("exact match", "完全匹配"),
    "answer_f1": _Said("F1 of answers", "答案的 F1"),
    "has_answer.f1": _Said("F1 where there is an answer", "有答案时的 F1"),
    "has_answer.exact_match": _Said("exact match where there is an answer", "有答案时的完全匹配"),
    "no_answer.exact_match": _Said("none given where there is none", "无答案时正确地不作答"),
    "f1": _Said("F1", "F1"),
    "precision": _Said("precision", "精确率"),
    "recall": _Said("recall", "召回率"),
    "found_f1": _Said("F1, predicates found", "F1（谓词自动识别）"),
    "found_precision": _Said("precision, predicates found", "精确率（谓词自动识别）"),
    "found_recall": _Said("recall, predicates found", "召回率（谓词自动识别）"),
    "predicate_f1": _Said("F1 of predicates", "谓词 F1"),
    "predicate_precision": _Said("precision of predicates", "谓词精确率"),
    "predicate_recall": _Said("recall of predicates", "谓词召回率"),
    "sense_accuracy": _Said("senses", "义项准确率"),
    "macro_f1": _Said("macro F1", "宏平均 F1"),
    "micro_f1": _Said("micro F1", "微平均 F1"),
    "weighted_f1": _Said("weighted F1", "加权 F1"),
    "matthews_correlation": _Said("MCC", "MCC"),
    "calibration_error": _Said("calibration error", "校准误差"),
    "brier_score": _Said("Brier score", "Brier 分数"),
    "negative_log_likelihood": _Said("log loss", "对数损失"),
    "pearson": _Said("Pearson", "皮尔逊相关"),
    "spearman": _Said("Spearman", "斯皮尔曼相关"),
    "mean_squared_error": _Said("squared error", "均方误差"),
    "mean_absolute_error": _Said("absolute error", "平均绝对误差"),
    "loss": _Said("training texts", "训练文本"),
    "loss_dev": _Said("dev texts", "开发文本"),
    "accuracy_deep": _Said("deep path alone", "仅深层"),
    "loss_deep": _Said("dev texts, deep path alone", "开发文本，仅深层"),
    "deep path": _Said("deep path", "深层"),
    "linear path": _Said("linear path", "线性层"),
    "embeddings": _Said("embeddings", "嵌入"),
    "encoder": _Said("encoder", "编码器"),
    "decoder": _Said("decoder", "解码器"),
    "head": _Said("head", "输出层"),
    "network": _Said("network", "网络"),
    "chain": _Said("chain of tags", "标签链"),
}
_MEANINGS = {
    "mean_reciprocal_rank": _Said(
        "One over the place at which a text's partner is found among all others, on average: 1 is always first.",
        "在所有候选文本中找到配对文本的名次的倒数，取平均：1 表示总在首位。",
    ),
    "recall_at_1": _Said(
        "Share of texts whose nearest text is their partner.", "最近的文本正是其配对的文本所占的比例。"
    ),
    "accuracy": _Said("Share of texts whose label is right.", "标签正确的文本所占的比例。"),
    "exact_match": _Said("Share of texts whose labels are all right.", "标签全部正确的文本所占的比例。"),
    "answer_exact": _Said(
        "Share of questions whose answer is one of the right ones, but for case and punctuation.",
        "不计大小写与标点，答案与某个正确答案相同的问题所占的比例。",
    ),
    "answer_f1": _Said(
        "How much of the words of an answer and of the nearest right answer are the same, averaged over questions.",
        "答案与最接近的正确答案在词上重合的程度，按问题平均。",
    ),
    "has_answer.f1": _Said("The same for questions that the passage answers.", "同上，仅限段落中有答案的问题。"),
    "has_answer.exact_match": _Said(
        "The same for questions that the passage answers.", "同上，仅限段落中有答案的问题。"
    ),
    "no_answer.exact_match": _Said(
        "Share of the questions without an answer that were left without one.", "无答案的问题中，未作答的所占的比例。"
    ),
    "macro_f1": _Said(
        "F1 (the harmonic mean of precision and recall), averaged over classes: rare ones count as much as frequent "
        "ones.",
        "各类 F1（精确率与召回率的调和平均）的平均：稀少的类与常见的类同样重要。",
    ),
    "f1": _Said("The harmonic mean of precision and recall, over all labels.", "精确率与召回率的调和平均，不分类别。"),
    "precision": _Said("How many of those that were found are right.", "找到的之中有多少是对的。"),
    "recall": _Said("How many of those that are there were found.", "应找到的之中找到了多少。"),
    "found_f1": _Said(
        "The same for roles of predicates that the system found itself: roles of a missed predicate are missed.",
        "谓词由系统自己识别时的 F1：漏掉的谓词，其角色也算漏掉。",
    ),
    "found_precision": _Said("How many roles are right, predicates found.", "谓词自动识别时，找到的角色有多少是对的。"),
    "found_recall": _Said("How many roles were found, predicates found.", "谓词自动识别时，应找到的角色找到了多少。"),
    "predicate_f1": _Said("How well predicates are found.", "谓词识别得有多好。"),
    "predicate_precision": _Said("How many found predicates are predicates.", "识别出的谓词有多少是对的。"),
    "predicate_recall": _Said("How many predicates were found.", "谓词找到了多少。"),
    "sense_accuracy": _Said("How many given predicates get the right sense.", "给定的谓词中，义项判断正确的比例。"),
    "micro_f1": _Said("F1 over all decisions, whatever the class.", "不分类别，对全部判断计算的 F1。"),
    "matthews_correlation": _Said(
        "Matthews correlation of true and predicted labels: 1 is perfect, 0 is guessing; not fooled by a frequent "
        "class.",
        "真实标签与预测标签的马修斯相关系数：1 为全对，0 为瞎猜；不会被常见的类所迷惑。",
    ),
    "pearson": _Said(
        "How closely predicted and true numbers lie to one rising line: 1 is perfect, 0 is guessing.",
        "预测值与真实值有多接近一条上升的直线：1 为完全一致，0 为瞎猜。",
    ),
    "spearman": _Said(
        "How well predictions put the texts in order, whatever their sizes: 1 is perfect, 0 is guessing.",
        "预测把文本排序排得多好，不论数值大小：1 为完全一致，0 为瞎猜。",
    ),
    "mean_squared_error": _Said(
        "Mean of the squared misses, in squares of the numbers' own unit: large misses count most.",
        "偏差平方的平均，单位是数值单位的平方：大的偏差影响最大。",
    ),
    "mean_absolute_error": _Said(
        "By how much predictions miss on average, in the numbers' own unit.",
        "预测平均偏差多少，单位与数值相同。",
    ),
    "calibration_error": _Said(
        "Mean distance between how sure the model is and how often it is right: 0% is best. On few texts it comes out "
        "too large, and its range may lie above it.",
        "模型的把握与实际正确率的平均差距：0% 最好。文本少时会偏大，其区间可能整个在它之上。",
    ),
    "weighted_f1": _Said("F1, averaged over classes by their size.", "各类 F1 按类的大小加权平均。"),
    "brier_score": _Said(
        "Mean squared distance of the probabilities from the truth: 0 is best, 2 is worst.",
        "概率与真实标签的平方距离的平均：0 最好，2 最坏。",
    ),
    "negative_log_likelihood": _Said(
        "How surprised the model is by the true labels, in nats: 0 is best; being sure and wrong costs much.",
        "模型对真实标签的意外程度（奈特）：0 最好；有把握却答错，代价很大。",
    ),
}
