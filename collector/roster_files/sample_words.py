"""What the sample compound's names, marks, hours and employers are made of."""

from typing import Final

SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉红建国文斌宇浩欣怡子涵梓轩若曦志远海燕春梅秀云"
MARKS: Final = (("medical", 0.02), ("volunteer", 0.015), ("low-income", 0.015))
"""And the share of the residents that have them."""
HOURS: Final = (
    "Mon-Fri 07:00-09:00; Mon-Fri 17:00-20:00",
    "daily 06:00-22:00",
    "weekend 09:00-12:00",
)
EMPLOYERS: Final = (
    "第三医院/护士: 2030-01-01..2030-12-31 every 4 days 20:00-08:00",
    "第三医院/医生: Mon-Fri 08:00-18:00",
    "永盛超市/收银员: daily 07:00-15:00",
    "永盛超市/理货员: daily 14:00-22:00",
    "安居物业/保洁员: Mon-Sat 06:00-14:00",
    "安居物业/保安: 2030-01-01..2030-12-31 every 2 days 20:00-08:00",
    "城北电力/检修工: Mon-Fri 08:30-17:30",
    "通达快递/分拣员: daily 05:00-13:00",
)
