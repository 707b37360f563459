"""Everything that reports say, in English and Chinese: the only place of the room that knows languages."""

from __future__ import annotations

from attendo.errors import UnsupportedError
from attendo.report.names import COUNTED, MEANINGS, NAMES, Said

LANGUAGES = ("en", "zh")
"""Of reports."""


def check_language(language: str) -> None:
    """Refuse a language that no report can be in.

    Raises:
        UnsupportedError: naming those that there are.
    """
    if language not in LANGUAGES:
        raise UnsupportedError(f"A report can be in {' or '.join(map(repr, LANGUAGES))}, but not in {language!r}.")


class Words:
    """The phrases of one language; braces are filled in by `str.format`.

    Args:
        noun: what is counted, a name from `COUNTED`.
    """

    def __init__(self, language: str, noun: str = "text") -> None:
        check_language(language)
        self.language, self.noun = language, noun
        self._nouns = {name: said.phrases[language] for name, said in COUNTED[noun]._asdict().items()}

    def say(self, phrase: Said) -> str:
        """A phrase in this language, with what is counted in it."""
        said = phrase.phrases[self.language]
        for name, noun in self._nouns.items():
            said = said.replace(f"{{{name}}}", noun)
        return said

    def name(self, key: str) -> str:
        """What a score, a set, a system or a part of a model is called; what has no name here stands for itself."""
        return self.say(NAMES[key]) if key in NAMES else key

    def meaning(self, key: str) -> str:
        """What a score tells."""
        return self.say(MEANINGS[key])

    def counted(self, count: int, set_name: str = "") -> str:
        """So many texts, or whatever is counted, of a set if one is named: "500 test texts"."""
        noun = self._nouns["one" if count == 1 else "many"]
        kind = self.name(set_name) + self.between_sentences if set_name else ""
        return f"{count:,} {self._nouns['unit']}{kind}{noun}"

    def those_of(self, set_name: str) -> str:
        """The same without their number: "test texts"."""
        return self._of_set.format(kind=self.name(set_name))

    _of_set = Said("{kind} {many}", "{kind}{many}")
    between_sentences = Said(" ", "")

    # samples
    samples = Said("What it writes", "模型写出的文本")
    about_samples = Said("Written by the trained model, not chosen by anybody.", "由训练好的模型写出，未经挑选。")
    given = Said("given", "给定")
    written = Said("written", "写出")
    right_text = Said("by a person", "人写的")

    # numbers
    range = Said("{low} to {high}", "{low} 至 {high}")
    with_range = Said("{value} ({low} to {high})", "{value}（{low} 至 {high}）")
    seconds = Said("{seconds} s", "{seconds} 秒")
    minutes = Said("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒")
    hours = Said("{hours} h {minutes} min", "{hours} 小时 {minutes} 分")

    # the verdict
    right = Said(
        "On {texts} the model is right in {ours}; the linear model in {linear}.",
        "在 {texts}上，模型答对 {ours}，线性模型答对 {linear}。",
    )
    all_right = Said(
        "On {texts} the model gets all labels right in {ours}; the linear model in {linear}.",
        "在 {texts}上，模型把全部标签都答对的占 {ours}，线性模型占 {linear}。",
    )
    reached = Said(
        "On {texts} the model reaches {measure} {ours}; {reference}: {linear}.",
        "在 {texts}上，模型的{measure}为 {ours}，{reference}为 {linear}。",
    )
    better = Said(
        "It is better by {points} points ({low} to {high}), more than chance explains: the Transformer was worth it.",
        "模型高出 {points} 个百分点（{low} 至 {high}），不能用偶然解释：用 Transformer 是值得的。",
    )
    unclear = Said(
        "The difference of {points} points lies between {low} and {high}, so it may be chance.",
        "相差 {points} 个百分点，介于 {low} 与 {high} 之间，因此可能只是偶然。",
    )
    worse = Said(
        "It is worse by {points} points ({low} to {high}), more than chance explains: use the linear model.",
        "模型低了 {points} 个百分点（{low} 至 {high}），不能用偶然解释：请用线性模型。",
    )
    number_better = Said(
        "That is {points} more ({low} to {high}), more than chance explains: the Transformer was worth it.",
        "模型高出 {points}（{low} 至 {high}），不能用偶然解释：用 Transformer 是值得的。",
    )
    number_unclear = Said(
        "The difference of {points} lies between {low} and {high}, so it may be chance.",
        "相差 {points}，介于 {low} 与 {high} 之间，因此可能只是偶然。",
    )
    number_worse = Said(
        "That is {points} less ({low} to {high}), more than chance explains: use {reference}.",
        "模型低了 {points}（{low} 至 {high}），不能用偶然解释：请用{reference}。",
    )
    number_fewer = Said(
        "That is {points} less ({low} to {high}), more than chance explains: the Transformer was worth it.",
        "模型少了 {points}（{low} 至 {high}），不能用偶然解释：用 Transformer 是值得的。",
    )
    number_more = Said(
        "That is {points} more ({low} to {high}), more than chance explains: use {reference}.",
        "模型多了 {points}（{low} 至 {high}），不能用偶然解释：请用{reference}。",
    )
    worse_than = Said(
        "It is worse by {points} points ({low} to {high}), more than chance explains: use {reference}.",
        "模型低了 {points} 个百分点（{low} 至 {high}），不能用偶然解释：请用{reference}。",
    )
    useless = Said(
        "The same answer for every {one} would be right in {majority}: no less often than the model.",
        "对所有{one}都给同一个答案也能答对 {majority}，并不比模型少。",
    )
    only_dev_more = Said(
        "There were no test {many}. The dev {many} also chose the best epoch, so expect a little more on new {many}.",
        "没有测试{many}。开发{many}也用来挑选最佳轮次，所以在新{many}上的数值会略高一些。",
    )
    only_dev = Said(
        "There were no test {many}. The dev {many} also chose the best epoch, so expect a little less on new {many}.",
        "没有测试{many}。开发{many}也用来挑选最佳轮次，所以在新{many}上的成绩会略低一些。",
    )

    # the answer
    summary = Said("{texts}, {labels} labels, trained in {time}", "{texts}，{labels} 个标签，训练用时 {time}")
    summary_without = Said("{texts}, trained in {time}", "{texts}，训练用时 {time}")
    evaluated_numbers = Said("{texts}, a number for each", "{texts}，各有一个数")
    evaluated = Said("{texts}, {labels} labels", "{texts}，{labels} 个标签")
    answer = Said("Was it worth it?", "值得吗？")
    scores = Said("Scores", "成绩")
    model = Said("Model", "模型")
    against = Said("points against {reference}", "与{reference}相差的百分点")
    against_number = Said("against {reference}", "与{reference}相差")
    linear_model = Said("the linear model", "线性模型")
    score_on = Said("{measure}, {texts}", "{measure}，{texts}")
    time = Said("time to train", "训练用时")
    system = Said("system", "系统")
    measure = Said("score", "指标")
    value = Said("value", "数值")
    interval = Said("95% interval", "95% 区间")
    named = Said("{name}: {value}", "{name}：{value}")
    about_intervals = Said(
        "The ranges are 95% bootstrap intervals: where a score would lie on most other sets of {many} of this kind.",
        "区间是 95% 自助法区间：换一批同类{many}，成绩多半落在其中。",
    )
    meaning_title = Said("what it tells", "含义")
    meanings = Said("What the scores mean", "各项指标的含义")

    # learning
    learning = Said("How it learned", "学习过程")
    epoch = Said("epoch", "轮次")
    losses = Said("Loss by epoch", "每轮的损失")
    dev_scores = Said("Scores on dev {many} by epoch", "每轮在开发{many}上的成绩")
    best_mark = Said("best: epoch {epoch}", "最佳：第 {epoch} 轮")
    about_learning = Said(
        "The weights after epoch {epoch} were kept, the best of {epochs} on the dev {many}.",
        "保留第 {epoch} 轮之后的权重，是 {epochs} 轮中在开发{many}上最好的。",
    )
    about_shares = Said(
        "The model has two paths: the deep one, a Transformer, and a linear one over words and n-grams. "
        "Their scores are added with weights {deep} and {linear}, fitted on the dev {many}.",
        "模型有两条路：深层的一条是 Transformer，另一条是词与 n-gram 上的线性模型。"
        "两者的得分按权重 {deep} 和 {linear} 相加，权重在开发{many}上拟合。",
    )

    # classes
    classes = Said("Class by class", "逐类成绩")
    confusion = Said("Confusion matrix: {texts}", "混淆矩阵：{texts}")
    confusion_part = Said(
        "Confusion matrix: the {shown} of {all} classes that are mixed up most",
        "混淆矩阵：{all} 类中最易混淆的 {shown} 类",
    )
    is_label = Said("is", "实际")
    said_label = Said("said", "预测")
    f1_by_class = Said("F1 of each class", "各类的 F1")
    lowest_f1 = Said("The {shown} classes with the lowest F1", "F1 最低的 {shown} 类")
    mixed_up = Said("Mixed up most often: what it is → what was said", "最常混淆：实际 → 预测")
    label = Said("class", "类别")
    support = Said("{many}", "{many}数")
    precision = Said("precision", "精确率")
    recall = Said("recall", "召回率")
    per_class = Said("Scores of the {count} classes", "{count} 个类别的成绩")

    # confidence
    confidence = Said("How sure it is, and how right", "把握与正确")
    reliability = Said("{system}: calibration error {error}", "{system}：校准误差 {error}")
    sure_axis = Said("how sure", "把握")
    right_axis = Said("how often right", "正确率")
    given_axis = Said("probability given to a label", "给标签的概率")
    true_axis = Said("how often it holds", "成立的比例")
    about_confidence = Said(
        "On average the model is {sure} sure of its answer and right in {right}. Dots on the diagonal would mean that "
        "its probabilities can be taken at their word; below it, it is too sure. Bars: how many {many}.",
        "模型平均有 {sure} 的把握，答对 {right}。点在对角线上，说明概率可以照字面相信；在线下，说明过于自信。"
        "柱形：{many}数。",
    )
    about_probabilities = Said(
        "On average the model gives a label {sure}, and {right} of them hold. Dots on the diagonal would mean that its "
        "probabilities can be taken at their word; below it, they are too high. Bars: how many decisions.",
        "模型给每个标签的概率平均为 {sure}，其中 {right} 成立。点在对角线上，说明概率可以照字面相信；在线下，说明偏高。"
        "柱形：判断的次数。",
    )

    # hardest errors
    hardest = Said("Hardest errors", "最难的错误")
    sure = Said("{share} sure", "把握 {share}")
    about_hardest = Said("The mistakes of which it was surest.", "模型最有把握的错误。")
    about_misses = Said("The {many} whose numbers were missed by most.", "数值偏差最大的{many}。")
    missed_by = Said("off by {miss}", "偏差 {miss}")
    about_furthest = Said("The {many} that were judged most wrongly.", "判断得最离谱的{many}。")
    no_errors = Said("There are no errors.", "没有错误。")
    text = Said("text", "文本")

    # numbers
    numbers = Said("Predicted and true numbers", "预测值与真实值")
    about_numbers = Said(
        "The {many} from the lowest to the highest prediction, in {count} parts of equal size: what was predicted and "
        "what is true, on average. Dots on the even line would mean that predictions can be taken at their word.",
        "{many}按预测值从低到高分成 {count} 份，每份同样多：预测值与真实值的平均。"
        "点落在均匀的线上，说明预测可以照字面相信。",
    )
    predicted_number = Said("predicted", "预测值")
    true_number = Said("true", "真实值")
    even_line = Said("as predicted", "与预测相同")

    # attention
    attention = Said("What attention looks at", "注意力在看什么")
    about_attention = Said(
        "Over dev {many}, for each head of each layer. Entropy: 100% is an even spread over the whole text, 0% a look "
        "at one word only. Distance: how many words away a head looks; one that looked everywhere alike would look "
        "{even} words away.",
        "取自开发{many}，逐层逐头。熵：100% 表示均匀地看全文，0% 表示只看一个词。距离：注意力头看多少个词之外；"
        "均匀地看全文时为 {even} 个词。",
    )
    entropy = Said("Entropy, in % of the largest possible", "熵，占最大可能值的百分比")
    distance = Said("Distance in words; even spread: {even}", "距离（词）；均匀时：{even}")
    layer = Said("layer {number}", "第 {number} 层")
    head = Said("head {number}", "头 {number}")
    received = Said("Words that receive most attention", "得到注意最多的词")
    received_by = Said("Layer {number}: attention received, even spread = 1", "第 {number} 层：得到的注意，均匀 = 1")

    # data
    data = Said("Data", "数据")
    class_balance = Said("Balance of the {count} classes", "{count} 个类别的分布")
    share = Said("share", "占比")

    # decisions
    decisions = Said("What was decided, and why", "决定与理由")
    reason = Said("what was decided, and for what reason", "决定及其理由")
    decided = Said("decided for this run", "本次运行的决定")
    part = Said("part of the model", "模型部分")
    parameters = Said("parameters", "参数数")
    all_settings = Said("All settings", "全部设置")
    setting = Said("setting", "设置")

    # cost
    cost = Said("Cost", "开销")
    wall_clock = Said("from start to end", "总用时")
    cpu_time = Said("CPU time, all cores", "CPU 时间（全部核）")
    work = Said(
        "Training read {tokens} tokens and took about {operations} floating-point operations.",
        "训练读了 {tokens} 个词元，约做了 {operations} 次浮点运算。",
    )
    peak_memory = Said("peak memory", "内存峰值")
    made_with = Said("Made with {versions}.", "所用软件：{versions}。")
    notes = Said("Notes", "说明")
    noted = Said("what the run noted", "运行中的说明")

    # what is in a file
    set_name = Said("set", "数据集")
    file = Said("file", "文件")
    format = Said("format", "格式")
    rows = Said("rows", "行数")
    usable = Said("usable", "可用")
    empty = Said("empty", "空")
    unlabelled = Said("unlabelled", "无标签")
    skipped = Said("left out", "略去")
    other_classes = Said("{count} more classes", "其余 {count} 类")
    text_column = Said("text column", "文本列")
    label_column = Said("label column", "标签列")
    characters = Said("length in characters", "长度（字符）")
    words_counted = Said("length in words", "长度（词）")
    lengths = Said(
        "median {median}, 95% up to {most}, longest {longest}", "中位数 {median}，95% 不超过 {most}，最长 {longest}"
    )
    scripts = Said("scripts", "文字")
    duplicates = Said("{many} that occur more than once", "重复出现的{many}")
    conflicts = Said("{many} with different labels", "标签互相矛盾的{many}")
    note = Said("Note", "说明")
    warning = Said("Warning", "注意")
    problem = Said("Problem", "问题")
