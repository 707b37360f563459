"""The words of the built-in corpus in Chinese."""

from __future__ import annotations

from attendo.data.grammar import Aspect, Grammar, Topic

_STORY = Aspect(things=("剧情", "结局", "故事"), good=("精彩", "感人"), bad=("无聊", "老套"))
_FOOD = Aspect(things=("面条", "饺子", "烤鱼", "点心", "炒饭"), good=("好吃", "新鲜"), bad=("难吃", "油腻"))
_SERVICE = Aspect(things=("服务", "服务员", "老板"), good=("热情", "周到"), bad=("冷淡", "敷衍"))
_BOOK_OR_FILM = Aspect(things=(), good=("好看", "精彩", "感人"), bad=("难看", "无聊", "老套"))
_PLACE = Aspect(things=(), good=("出色", "舒适", "温馨"), bad=("糟糕", "差劲", "简陋"))

_TOPICS = (
    Topic(
        kind="这部电影",
        whole="电影《{title}》",
        part="《{title}》的{thing}",
        titles=("快乐时光", "无聊的夏天", "精彩人生", "老套情歌", "七座桥"),
        verdict=_BOOK_OR_FILM,
        aspects=(
            _STORY,
            Aspect(things=("演技", "女主角的表演", "配角的表演"), good=("自然", "出色"), bad=("生硬", "呆板")),
            Aspect(things=("配乐", "画面"), good=("优美", "出色"), bad=("粗糙", "单调")),
        ),
        facts=("<片长两个小时>", "<三月上映>", "<是在北方拍摄的>", "<改编自一部小说>"),
        untried=("，不过<我还没看过>", "，<我打算明天去看>"),
    ),
    Topic(
        kind="这本小说",
        whole="小说《{title}》",
        part="《{title}》的{thing}",
        titles=("感人的信", "单调的旅行", "热情的狐狸", "粗糙的石头", "冷港"),
        verdict=_BOOK_OR_FILM,
        aspects=(
            _STORY,
            Aspect(things=("文笔", "对白", "语言"), good=("优美", "自然"), bad=("生硬", "粗糙")),
            Aspect(things=("人物", "男主角"), good=("可爱", "感人"), bad=("单调", "呆板")),
        ),
        facts=("<一共三百页>", "<去年春天出版>", "<写的是一座小城>", "<译自丹麦语>"),
        untried=("，不过<我还没读过>", "，<我的那本还没拆封>"),
    ),
    Topic(
        kind="这家餐厅",
        whole="餐厅“{title}”",
        part="“{title}”的{thing}",
        titles=("好吃街六号", "新鲜坊", "油腻小馆", "冷淡人家", "金灯笼"),
        verdict=_PLACE,
        aspects=(_FOOD, _SERVICE),
        facts=("<上午十一点开门>", "<在车站旁边>", "<有四十个座位>", "<周一休息>"),
        untried=("，不过<我还没去吃过>", "，<我只是从门口路过>"),
    ),
    Topic(
        kind="这家酒店",
        whole="酒店“{title}”",
        part="“{title}”的{thing}",
        titles=("温馨小院", "舒适之家", "简陋码头", "糟糕驿站", "海港"),
        verdict=_PLACE,
        aspects=(
            Aspect(things=("房间", "卫生间", "大堂"), good=("干净", "舒适"), bad=("肮脏", "简陋")),
            Aspect(things=("早餐", "点心"), good=("好吃", "新鲜"), bad=("难吃", "油腻")),
            _SERVICE,
        ),
        facts=("<有六十间客房>", "<在机场附近>", "<两年前开业>", "<配有停车场>"),
        untried=("，不过<我还没住过>", "，<我们下周才入住>"),
    ),
    Topic(
        kind="这款手机",
        whole="手机“{title}”",
        part="“{title}”的{thing}",
        titles=("流畅五号", "清晰一号", "卡顿小子", "模糊星", "猎户三号"),
        verdict=Aspect(things=(), good=("好用", "可靠", "出色"), bad=("难用", "差劲", "糟糕")),
        aspects=(
            Aspect(things=("屏幕", "照片"), good=("清晰", "自然"), bad=("模糊", "粗糙")),
            Aspect(things=("电池", "充电器"), good=("可靠", "出色"), bad=("差劲", "糟糕")),
            Aspect(things=("系统", "网络"), good=("流畅", "可靠"), bad=("卡顿", "糟糕")),
        ),
        facts=("<有三种颜色>", "<重两百克>", "<去年秋天上市>", "<有两个摄像头>"),
        untried=("，不过<我还没用过>", "，<我的那台还没拆封>"),
    ),
)

CHINESE = Grammar(
    topics=_TOPICS,
    intensifiers=("很", "非常", "特别", "相当", "实在"),
    direct=(
        "{thing}<{very}{word}>",
        "{thing}<{very}{word}>",
        "{thing}<{word}极了>",
    ),
    denied=(
        "{thing}<一点也不{word}>",
        "{thing}<一点都不{word}>",
        "{thing}<并不{word}>",
        "{thing}<根本不{word}>",
        "{thing}<完全不{word}>",
        "<谁也不会说>{thing}<{word}>",
        "我<并不觉得>{thing}<{word}>",
        "我可<没觉得>{thing}<{word}>",
    ),
    denied_praise=("{thing}<谈不上{word}>", "{thing}<算不上{word}>"),
    felt=("我觉得{thing}<{very}{word}>", "{thing}给我的感觉是<{very}{word}>"),
    praise=(
        "{thing}<让我很满意>",
        "{thing}<打动了我>",
        "{thing}<没有让我失望>",
        "{thing}<没有辜负我的期待>",
        "我对{thing}<没有任何不满>",
    ),
    blame=(
        "{thing}<让我很失望>",
        "{thing}<没有打动我>",
        "{thing}<没有让我满意>",
        "{thing}<辜负了我的期待>",
        "我对{thing}<很不满>",
    ),
    mild=("{thing}<很一般>", "{thing}<马马虎虎>", "{thing}<中规中矩>", "{thing}<还算过得去>"),
    neither=("{thing}<既不{good}也不{bad}>", "{thing}<既不{bad}也不{good}>", "{thing}<谈不上{good}，也谈不上{bad}>"),
    openers=("", "", "", "说实话，", "坦白说，", "老实说，", "不得不说，"),
    joined=("{first}，{last}", "{first}，而且{last}", "{first}，再说{last}", "不但{first}，而且{last}"),
    contrasts=(
        "{first}，但是{last}",
        "{first}，可是{last}",
        "{first}，不过{last}",
        "{first}，然而{last}",
        "虽然{first}，但是{last}",
        "尽管{first}，{last}",
        "{last}，虽然{first}",
    ),
    weighed=(
        "{first}，{last}，总的来说{verdict}",
        "{first}，{last}，不过整体上{verdict}",
        "{first}，而{last}，归根到底{verdict}",
        "总的来说{verdict}，虽然{first}，{last}",
    ),
    people=("朋友", "同事", "邻居", "我哥哥", "网友", "一位博主", "一位记者", "我的老师"),
    reports=("{person}说{claim}", "{person}一直说{claim}", "听{person}讲，{claim}"),
    agree=("，<确实如此>", "，<我完全同意>", "，<我也这么想>", "，<这话说得没错>"),
    disagree=("，<其实恰恰相反>", "，<我完全不同意>", "，<我可不这么想>", "，<这话说得不对>"),
    unknown=("，<我没法判断>", "，<我没有什么看法>", "，<我不知道是不是真的>"),
    overrule=("，但是{last}", "，可是{last}", "，不过这一次{last}", "，而实际上{last}"),
    wonder=(
        "<不知道>{thing}<是不是>{word}",
        "<谁能告诉我>{thing}<是不是>{word}？",
        "<还没听说>{thing}<是不是>{word}",
        "{thing}<是不是>{word}，<还要亲自试试再说>",
    ),
    stop="。",
)
