"""What a role may do in the program: every permission string, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "folder.view": "看档案目录和条目",
        "folder.register": "登记档案",
        "folder.edit": "修改档案条目",
        "folder.void": "作废档号",
        "number.reserve": "预留档号",
        "number.report": "看档号使用情况报告",
        "label.print": "打印标签",
        "document.edit": "编辑卷内文件",
        "scan.add": "上传扫描件",
        "scan.view": "看扫描件",
        "scan.retry": "重新识别扫描件",
        "search.use": "检索",
        "loan.request": "提出借阅申请",
        "loan.decide": "审批借阅",
        "loan.desk": "办理借出和归还",
        "loan.view_all": "看全部借阅登记",
        "slip.print": "打印借阅单",
        "desk.use": "使用扫码台",
        "policy.view": "看制度",
        "policy.ask": "用制度试问页",
        "policy.adopt": "启用制度版本",
        "people.view": "看人员名单",
        "people.manage": "管理人员和部门",
        "deputation.manage": "登记任何人的委托书",
        "deputation.own": "登记本人的委托书",
        "audit.view": "看审计日志",
        "audit.verify": "校验审计链",
        "dashboard.view": "看今日工作台",
        "account.own": "管理本人账号",
    }
)

PERMISSIONS: tuple[str, ...] = tuple(NAMES)
