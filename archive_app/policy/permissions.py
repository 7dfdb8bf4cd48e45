"""What a role may do in the program: every permission string, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archive_app.core.i18n import Lazy as L

NAMES: Mapping[str, L] = MappingProxyType(
    {
        "folder.view": L("看档案目录和条目"),
        "folder.register": L("登记档案"),
        "folder.edit": L("修改档案条目"),
        "folder.void": L("作废档号"),
        "number.reserve": L("预留档号"),
        "number.report": L("看档号使用情况报告"),
        "label.print": L("打印标签"),
        "document.edit": L("编辑卷内文件"),
        "scan.add": L("上传扫描件"),
        "scan.view": L("看扫描件"),
        "scan.retry": L("重新识别扫描件"),
        "search.use": L("检索"),
        "loan.request": L("提出借阅申请"),
        "loan.decide": L("审批借阅"),
        "loan.desk": L("办理借出和归还"),
        "copy.manage": L("管理复印件"),
        "incident.report": L("报告丢失和损坏"),
        "incident.decide": L("审批丢失和损坏"),
        "incident.settle": L("了结丢失和损坏"),
        "report.view": L("看登记簿和报表"),
        "alarm.view": L("看报警"),
        "alarm.handle": L("处理报警"),
        "loan.view_all": L("看全部借阅登记"),
        "slip.print": L("打印借阅单"),
        "desk.use": L("使用扫码台"),
        "print.view": L("看打印登记"),
        "place.view": L("看库房和位置"),
        "place.manage": L("设置库房、柜、格、盒"),
        "place.shelve": L("上架和移位"),
        "condition.note": L("记录缺页、破损和修复"),
        "dual.view": L("看纸电核对"),
        "volume.view": L("看案卷"),
        "volume.arrange": L("组卷和排序"),
        "volume.check": L("检查案卷"),
        "volume.bind": L("装订和入盒"),
        "volume.decide": L("审批拆卷"),
        "policy.view": L("看制度"),
        "policy.ask": L("用制度试问页"),
        "policy.propose": L("提出新版制度"),
        "policy.decide": L("审批新版制度"),
        "policy.adopt": L("启用制度版本"),
        "people.view": L("看人员名单"),
        "people.manage": L("管理人员和部门"),
        "deputation.manage": L("登记任何人的委托书"),
        "deputation.own": L("登记本人的委托书"),
        "audit.view": L("看审计日志"),
        "audit.verify": L("校验审计链"),
        "dashboard.view": L("看今日工作台"),
        "account.own": L("管理本人账号"),
    }
)

PERMISSIONS: tuple[str, ...] = tuple(NAMES)
