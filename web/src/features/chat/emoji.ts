/** A hundred or so that meetings use, each with words to find it by; the first word is its name. */
export type Emoji = { id: string; en: string; zh: string };

const written = `
👍|thumbs-up yes good agree|赞 好 同意
👎|thumbs-down no bad|踩 不好 反对
👏|applause clap bravo|鼓掌 喝彩
🙏|thanks please|谢谢 拜托 感谢
👋|wave hello bye|挥手 你好 再见
🙌|hooray raised hands|欢呼 举手
👌|okay fine|好的 没问题
🤝|handshake deal|握手 合作
✌️|victory peace|胜利 耶
🤞|fingers-crossed luck|祝好运
💪|strong muscle|加油 强
👀|eyes look|看看 围观
🙋|raise-hand me question|举手 我 提问
🤷|shrug|不知道 耸肩
🤦|facepalm|捂脸 无奈
😀|grin happy|开心 笑
😄|smile happy|微笑 高兴
😂|laugh tears joy|笑哭 哈哈
🤣|rolling laugh|笑翻 哈哈
😊|blush smile|害羞 微笑
😉|wink|眨眼
😍|love eyes|喜欢 爱心
🥰|adore hearts|喜爱 幸福
😎|cool sunglasses|酷 墨镜
🤔|thinking hmm|思考 想想
🤨|doubt eyebrow|怀疑
😐|neutral|平静 无语
🙄|eye-roll|白眼
😅|sweat smile|尴尬 汗
😬|grimace awkward|尴尬 紧张
😴|sleep tired|睡觉 困
🥱|yawn tired|哈欠 困
😮|surprised wow|惊讶 哇
😱|scream shock|惊吓 尖叫
😢|cry sad|哭 伤心
😭|sob cry|大哭 难过
😡|angry|生气 愤怒
😤|huff determined|哼 不服
😇|angel innocent|天使 无辜
🤗|hug|拥抱 抱抱
🤯|mind-blown|震惊 脑洞
🥳|party celebrate|庆祝 派对
😷|mask ill|口罩 生病
🤒|fever ill|发烧 生病
🤓|nerd glasses|书呆子 眼镜
🫡|salute|敬礼 收到
🫠|melting|融化
🤐|zip quiet|闭嘴 保密
❤️|heart love|爱心 爱
💔|broken-heart|心碎
💯|hundred perfect|满分 一百
🔥|fire hot|火 厉害
✨|sparkles|闪亮
⭐|star|星 收藏
🎉|tada party congratulations|庆祝 恭喜
🎂|cake birthday|蛋糕 生日
🎁|gift present|礼物
🏆|trophy win|奖杯 赢
🥇|gold first|金牌 第一
🚀|rocket launch ship|火箭 发布
💡|idea bulb|点子 想法
📌|pin|图钉 置顶
📎|paperclip attach|回形针 附件
📝|note write memo|笔记 记录
📅|calendar date|日历 日期
⏰|alarm clock time|闹钟 时间
⏳|hourglass wait|沙漏 等待
📈|chart up growth|上涨 增长
📉|chart down|下跌 下降
📊|bar chart data|图表 数据
🔍|search look|搜索 查找
🔒|lock private|锁 私密
🔑|key|钥匙
🔗|link|链接
🛠️|tools fix|工具 修理
🐛|bug|虫子 缺陷
✅|done check yes|完成 对
☑️|ticked|勾选
❌|cross no wrong|错 不行
⚠️|warning careful|警告 注意
❓|question|问号 问题
❗|exclamation important|感叹号 重要
➕|plus add|加
➖|minus remove|减
🔔|bell remind|铃 提醒
🔕|mute quiet|静音 勿扰
🎤|microphone speak|麦克风 发言
🎧|headphones listen|耳机 听
📷|camera photo|相机 照片
💻|laptop computer|电脑
📱|phone|手机
🌐|globe world web|地球 网络
🏠|home house|家
☕|coffee break|咖啡 休息
🍵|tea|茶
🍜|noodles lunch|面条 午饭
🍕|pizza|披萨
🍎|apple|苹果
🍻|cheers beer|干杯 啤酒
🌞|sun good-morning|太阳 早上好
🌙|moon good-night|月亮 晚安
🌧️|rain|下雨
❄️|snow cold|雪 冷
🌈|rainbow|彩虹
🌱|sprout grow|发芽 成长
🌸|blossom flower|花 樱花
🐱|cat|猫
🐶|dog|狗
🐼|panda|熊猫
🦄|unicorn|独角兽
🧧|red-envelope new-year|红包 新年
🎵|music note|音乐
`;

export const emoji: readonly Emoji[] = written
	.trim()
	.split("\n")
	.map((line) => {
		const [id = "", en = "", zh = ""] = line.split("|");
		return { id, en: en.replaceAll("-", " "), zh };
	});
