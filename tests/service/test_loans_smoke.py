def test_x(archive, people, at):
    from archive_app.loans import service, queries
    from archive_app.loans.outcome import outcome
    from archive_app.records.service import register_folder
    f = register_folder("HT", 2026, "测试合同", secrecy="secret", actor=people.archivist, at=at)
    o = outcome(people.borrower, f, "loan", at); print(o.text, o.chain)
    loan = service.request_loan(f.id, "loan", purpose="对账", undertaking=True, actor=people.borrower, at=at)
    loan = service.decide_loan(loan.id, "granted", actor=people.deputy_gm, at=at)
    assert loan.state == "approved"
    loan = service.hand_over(loan.id, actor=people.archivist, at=at)
    print(loan.due_at, loan.due_reason)
    service.give_back(loan.id, actor=people.archivist, at=at)
