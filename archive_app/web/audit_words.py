"""What the codes of audit events are called on the screen; the code itself always stands beside it."""

from __future__ import annotations

from archive_app.core.i18n import Lazy as L

ACTIONS = {
    "approval.decide": L("审批"),
    "approval.open": L("送交审批"),
    "approval.withdraw": L("撤回审批"),
    "audit.verify": L("校验审计链"),
    "cli.run": L("命令行办理"),
    "document.add": L("加入卷内文件"),
    "document.edit": L("修改卷内文件"),
    "document.remove": L("移出卷内文件"),
    "folder.edit": L("修改条目"),
    "folder.register": L("登记档案"),
    "folder.view": L("查看密级档案"),
    "label.print": L("打印标签"),
    "loan.approve": L("批准借阅"),
    "loan.give_back": L("归还"),
    "loan.hand_over": L("借出"),
    "loan.overdue": L("逾期"),
    "loan.refuse": L("不批准借阅"),
    "loan.request": L("申请借阅"),
    "loan.seat": L("入座"),
    "loan.undo_give_back": L("撤销归还"),
    "loan.undo_hand_over": L("撤销借出"),
    "loan.withdraw": L("撤回申请"),
    "number.reserve": L("预留档号"),
    "number.void": L("作废档号"),
    "people.change_password": L("更改密码"),
    "people.create_department": L("增设部门"),
    "people.create_unit": L("设立保管单位"),
    "people.create_user": L("开通账号"),
    "people.deactivate": L("停用账号"),
    "people.deputise": L("登记委托书"),
    "people.edit_user": L("修改人员资料"),
    "people.reactivate": L("启用账号"),
    "people.reset_password": L("设新密码"),
    "people.revoke_deputation": L("撤销委托"),
    "people.sign_in": L("登录"),
    "people.sign_in_refused": L("登录未通过"),
    "people.unlock": L("解锁账号"),
    "person_card.print": L("打印借阅卡"),
    "policy.adopt": L("启用制度"),
    "refusal": L("拒绝办理"),
    "scan.add": L("收下扫描件"),
    "scan.download": L("下载扫描件"),
    "scan.draw": L("生成页面图"),
    "scan.fail": L("扫描件没有办成"),
    "scan.read": L("识别文字"),
    "scan.retry": L("重新识别"),
    "scan.verify": L("核对扫描件"),
    "scan.withdraw": L("撤下扫描件"),
    "scan.view": L("查看扫描件"),
    "loan_slip.print": L("打印借阅单"),
    "out_card.print": L("打印代卷卡"),
}


def action_name(code: str) -> str:
    """The words for a code, or the code itself when it has none."""
    return str(ACTIONS.get(code, code))
