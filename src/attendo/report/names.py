"""What scores, sets, systems and parts of models are called, and what scores tell, in English and Chinese."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Speaker(Protocol):
    """Whoever says phrases in a language."""

    def say(self, phrase: Said) -> str:
        """The phrase in that language."""
        ...


class Said:
    """A phrase in each language; read from a speaker it is as that one says it.

    In place of `{one}` and `{many}` stands what is counted: one text, many texts.
    """

    def __init__(self, en: str, zh: str) -> None:
        self.phrases = {"en": en, "zh": zh}

    def __get__(self, instance: Speaker | None, owner: type) -> str:
        return self.phrases["en"] if instance is None else instance.say(self)


class Noun(NamedTuple):
    """What is counted: one of them, many, and the word that Chinese puts between a number and them."""

    one: Said
    many: Said
    unit: Said


COUNTED = {
    "text": Noun(Said("text", "文本"), Said("texts", "文本"), Said("", "条")),
    "pair": Noun(Said("pair", "文本对"), Said("pairs", "文本对"), Said("", "个")),
    "dialogue": Noun(Said("dialogue", "对话"), Said("dialogues", "对话"), Said("", "段")),
    "sentence": Noun(Said("sentence", "句子"), Said("sentences", "句子"), Said("", "个")),
    "document": Noun(Said("document", "文档"), Said("documents", "文档"), Said("", "篇")),
    "question": Noun(Said("question", "问题"), Said("questions", "问题"), Said("", "个")),
    "span": Noun(Said("span", "片段"), Said("spans", "片段"), Said("", "个")),
    "role": Noun(Said("role", "角色"), Said("roles", "角色"), Said("", "个")),
}
"""By what records call themselves (`noun`), and parts of them that have labels."""

NAMES = {
    "train": Said("training", "训练"),
    "dev": Said("dev", "开发"),
    "test": Said("test", "测试"),
    "majority class": Said("majority class", "多数类"),
    "mean number": Said("mean of the training {many}", "训练{many}的平均值"),
    "known names": Said("names seen in training", "训练中见过的名称"),
    "usual roles": Said("usual role of each word", "词的常见角色"),
    "word overlap": Said("words near those of the question", "问题词附近的词"),
    "nearest answer, counted n-grams": Said("nearest answer, counted n-grams", "最近的回答与 n-gram 计数"),
    "counted n-grams": Said("counted n-grams", "n-gram 计数模型"),
    "linear n-grams": Said("linear n-grams", "线性 n-gram"),
    "tf-idf": Said("tf-idf of n-grams", "n-gram 的 tf-idf"),
    "averaged word vectors": Said("averaged word vectors", "词向量平均"),
    "perplexity": Said("perplexity", "困惑度"),
    "distinct_1": Said("different words", "不同词的比例"),
    "distinct_2": Said("different pairs of words", "不同双词的比例"),
    "nats_per_token": Said("nats a token", "每词元纳特"),
    "bits_per_character": Said("bits a character", "每字符比特"),
    "bits_per_byte": Said("bits a byte", "每字节比特"),
    "mean_reciprocal_rank": Said("mean reciprocal rank", "平均倒数排名"),
    "recall_at_1": Said("partner found first", "首位即配对"),
    "accuracy": Said("accuracy", "准确率"),
    "tag_accuracy": Said("tags right", "标注准确率"),
    "exact_match": Said("all labels right", "标签全对"),
    "answer_exact": Said("exact match", "完全匹配"),
    "answer_f1": Said("F1 of answers", "答案的 F1"),
    "has_answer.f1": Said("F1 where there is an answer", "有答案时的 F1"),
    "has_answer.exact_match": Said("exact match where there is an answer", "有答案时的完全匹配"),
    "no_answer.exact_match": Said("none given where there is none", "无答案时正确地不作答"),
    "f1": Said("F1", "F1 值"),
    "precision": Said("precision", "精确率"),
    "recall": Said("recall", "召回率"),
    "found_f1": Said("F1, predicates found", "F1（谓词自动识别）"),
    "found_precision": Said("precision, predicates found", "精确率（谓词自动识别）"),
    "found_recall": Said("recall, predicates found", "召回率（谓词自动识别）"),
    "predicate_f1": Said("F1 of predicates", "谓词 F1"),
    "predicate_precision": Said("precision of predicates", "谓词精确率"),
    "predicate_recall": Said("recall of predicates", "谓词召回率"),
    "sense_accuracy": Said("senses", "义项准确率"),
    "macro_f1": Said("macro F1", "宏平均 F1"),
    "micro_f1": Said("micro F1", "微平均 F1"),
    "weighted_f1": Said("weighted F1", "加权 F1"),
    "matthews_correlation": Said("MCC", "MCC"),
    "calibration_error": Said("calibration error", "校准误差"),
    "brier_score": Said("Brier score", "Brier 分数"),
    "negative_log_likelihood": Said("log loss", "对数损失"),
    "pearson": Said("Pearson", "皮尔逊相关"),
    "spearman": Said("Spearman", "斯皮尔曼相关"),
    "mean_squared_error": Said("squared error", "均方误差"),
    "mean_absolute_error": Said("absolute error", "平均绝对误差"),
    "bleu": Said("BLEU", "BLEU 值"),
    "bleu_lowercase": Said("BLEU without case", "BLEU（不分大小写）"),
    "chrf": Said("chrF", "chrF 值"),
    "chrf_words": Said("chrF++", "chrF++ 值"),
    "length_ratio": Said("length by the references'", "与参考译文的长度比"),
    "rouge_1": Said("ROUGE-1", "ROUGE-1 值"),
    "rouge_2": Said("ROUGE-2", "ROUGE-2 值"),
    "rouge_l": Said("ROUGE-L", "ROUGE-L 值"),
    "rouge_lsum": Said("ROUGE-L by lines", "ROUGE-L（逐行）"),
    "rouge_1_precision": Said("ROUGE-1 precision", "ROUGE-1 精确率"),
    "rouge_1_recall": Said("ROUGE-1 recall", "ROUGE-1 召回率"),
    "rouge_2_precision": Said("ROUGE-2 precision", "ROUGE-2 精确率"),
    "rouge_2_recall": Said("ROUGE-2 recall", "ROUGE-2 召回率"),
    "rouge_l_precision": Said("ROUGE-L precision", "ROUGE-L 精确率"),
    "rouge_l_recall": Said("ROUGE-L recall", "ROUGE-L 召回率"),
    "loss": Said("training {many}", "训练{many}"),
    "loss_dev": Said("dev {many}", "开发{many}"),
    "accuracy_deep": Said("deep path alone", "仅深层"),
    "loss_deep": Said("dev {many}, deep path alone", "开发{many}，仅深层"),
    "deep path": Said("deep path", "深层"),
    "linear path": Said("linear path", "线性层"),
    "embeddings": Said("embeddings", "嵌入"),
    "encoder": Said("encoder", "编码器"),
    "decoder": Said("decoder", "解码器"),
    "head": Said("head", "输出层"),
    "network": Said("network", "网络"),
    "chain": Said("chain of tags", "标签链"),
}
MEANINGS = {
    "distinct_1": Said(
        "How many of the words that were written differ: low where answers are all alike.",
        "写出的词中有多少是不同的：回答千篇一律时很低。",
    ),
    "distinct_2": Said("The same of neighbouring pairs of words.", "同上，按相邻的两个词计。"),
    "perplexity": Said(
        "Among so many equally likely tokens the model wavers, on average; it depends on what a token is.",
        "平均而言，模型相当于在多少个同样可能的词元之间犹豫；它取决于词元的划分。",
    ),
    "nats_per_token": Said(
        "What a token costs: the negative natural logarithm of its probability, on average.",
        "每个词元的代价：其概率的自然对数的相反数，取平均。",
    ),
    "bits_per_character": Said(
        "What a character of the texts costs, in bits: so far could they be compressed. Models with other tokens "
        "compare.",
        "文本中每个字符的代价，以比特计：即可压缩到的大小。词元划分不同的模型也可比较。",
    ),
    "bits_per_byte": Said(
        "The same for each byte of the text in UTF-8; it compares over languages, too.",
        "同上，按 UTF-8 的每个字节计；不同语言之间也可比较。",
    ),
    "mean_reciprocal_rank": Said(
        "One over the place at which a text's partner is found among all others, on average: 1 is always first.",
        "在所有候选文本中找到配对文本的名次的倒数，取平均：1 表示总在首位。",
    ),
    "recall_at_1": Said(
        "Share of texts whose nearest text is their partner.", "最近的文本正是其配对的文本所占的比例。"
    ),
    "accuracy": Said("Share of {many} whose label is right.", "标签正确的{many}所占的比例。"),
    "tag_accuracy": Said("Share of words whose tag is right.", "标注正确的词所占的比例。"),
    "exact_match": Said("Share of {many} whose labels are all right.", "标签全部正确的{many}所占的比例。"),
    "answer_exact": Said(
        "Share of questions whose answer is one of the right ones, but for case and punctuation.",
        "不计大小写与标点，答案与某个正确答案相同的问题所占的比例。",
    ),
    "answer_f1": Said(
        "How much of the words of an answer and of the nearest right answer are the same, averaged over questions.",
        "答案与最接近的正确答案在词上重合的程度，按问题平均。",
    ),
    "has_answer.f1": Said("The same for questions that the passage answers.", "同上，仅限段落中有答案的问题。"),
    "has_answer.exact_match": Said(
        "The same for questions that the passage answers.", "同上，仅限段落中有答案的问题。"
    ),
    "no_answer.exact_match": Said(
        "Share of the questions without an answer that were left without one.", "无答案的问题中，未作答的所占的比例。"
    ),
    "macro_f1": Said(
        "F1 (the harmonic mean of precision and recall), averaged over classes: rare ones count as much as frequent "
        "ones.",
        "各类 F1（精确率与召回率的调和平均）的平均：稀少的类与常见的类同样重要。",
    ),
    "f1": Said("The harmonic mean of precision and recall, over all labels.", "精确率与召回率的调和平均，不分类别。"),
    "precision": Said("How many of those that were found are right.", "找到的之中有多少是对的。"),
    "recall": Said("How many of those that are there were found.", "应找到的之中找到了多少。"),
    "found_f1": Said(
        "The same for roles of predicates that the system found itself: roles of a missed predicate are missed.",
        "谓词由系统自己识别时的 F1：漏掉的谓词，其角色也算漏掉。",
    ),
    "found_precision": Said("How many roles are right, predicates found.", "谓词自动识别时，找到的角色有多少是对的。"),
    "found_recall": Said("How many roles were found, predicates found.", "谓词自动识别时，应找到的角色找到了多少。"),
    "predicate_f1": Said("How well predicates are found.", "谓词识别得有多好。"),
    "predicate_precision": Said("How many found predicates are predicates.", "识别出的谓词有多少是对的。"),
    "predicate_recall": Said("How many predicates were found.", "谓词找到了多少。"),
    "sense_accuracy": Said("How many given predicates get the right sense.", "给定的谓词中，义项判断正确的比例。"),
    "micro_f1": Said("F1 over all decisions, whatever the class.", "不分类别，对全部判断计算的 F1。"),
    "matthews_correlation": Said(
        "Matthews correlation of true and predicted labels: 1 is perfect, 0 is guessing; not fooled by a frequent "
        "class.",
        "真实标签与预测标签的马修斯相关系数：1 为全对，0 为瞎猜；不会被常见的类所迷惑。",
    ),
    "pearson": Said(
        "How closely predicted and true numbers lie to one rising line: 1 is perfect, 0 is guessing.",
        "预测值与真实值有多接近一条上升的直线：1 为完全一致，0 为瞎猜。",
    ),
    "spearman": Said(
        "How well predictions put the {many} in order, whatever their sizes: 1 is perfect, 0 is guessing.",
        "预测把{many}排序排得多好，不论数值大小：1 为完全一致，0 为瞎猜。",
    ),
    "mean_squared_error": Said(
        "Mean of the squared misses, in squares of the numbers' own unit: large misses count most.",
        "偏差平方的平均，单位是数值单位的平方：大的偏差影响最大。",
    ),
    "mean_absolute_error": Said(
        "By how much predictions miss on average, in the numbers' own unit.",
        "预测平均偏差多少，单位与数值相同。",
    ),
    "calibration_error": Said(
        "Mean distance between how sure the model is and how often it is right: 0% is best. On few {many} it comes out "
        "too large, and its range may lie above it.",
        "模型的把握与实际正确率的平均差距：0% 最好。{many}少时会偏大，其区间可能整个在它之上。",
    ),
    "bleu": Said(
        "How many of the words, pairs, triples and fours of words of a translation are in the right one, over all "
        "texts: 100 is equal. Another good translation is not, so people do not reach it either.",
        "译文中的一至四词片段有多少出现在参考译文中，按全部文本统计：100 为完全相同；换一种好的译法也得不到 100。",
    ),
    "bleu_lowercase": Said("The same, whatever the case of letters.", "同上，不分大小写。"),
    "chrf": Said(
        "F of runs of one to six characters that a translation shares with the right one, over all texts: 100 is "
        "equal; half a right word counts, too.",
        "译文与参考译文共有的一至六个字符片段的 F 值，按全部文本统计：100 为完全相同；部分正确的词也计入。",
    ),
    "chrf_words": Said("The same with words and pairs of words.", "同上，并计入单词和双词片段。"),
    "length_ratio": Said(
        "Words of the translations for each word of the right ones: below 1 they are too short.",
        "译文与参考译文的词数之比：小于 1 表示译文偏短。",
    ),
    "rouge_1": Said(
        "F1 of the words, in Chinese the characters, that a summary shares with the right one.",
        "摘要与参考摘要共有的词（中文为字）的 F1。",
    ),
    "rouge_2": Said("The same of pairs of neighbouring words.", "同上，按相邻两词（中文为两字）计。"),
    "rouge_l": Said(
        "F1 of the longest sequence of words, with gaps, that a summary shares with the right one.",
        "摘要与参考摘要的最长公共子序列的 F1。",
    ),
    "rouge_lsum": Said("The same, line by line.", "同上，逐行计算。"),
    "weighted_f1": Said("F1, averaged over classes by their size.", "各类 F1 按类的大小加权平均。"),
    "brier_score": Said(
        "Mean squared distance of the probabilities from the truth: 0 is best, 2 is worst.",
        "概率与真实标签的平方距离的平均：0 最好，2 最坏。",
    ),
    "negative_log_likelihood": Said(
        "How surprised the model is by the true labels, in nats: 0 is best; being sure and wrong costs much.",
        "模型对真实标签的意外程度（奈特）：0 最好；有把握却答错，代价很大。",
    ),
}
