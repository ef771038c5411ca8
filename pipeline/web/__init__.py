"""The office: upload town plans, see the gaps, decide. Django, server-rendered, Chinese, offline; extra `[web]`, started by `luoshi serve`.

The way of a file: views → intake (bytes, record and job together; a zip plan by plan) → work (queue in the database, one bounded child process a job)
→ checking (the child: `batch` over one campaign, decisions laid over) → work records the results → ledger draws the cells → views and desk show them.

| file | what it does |
|---|---|
| settings.py | everything set from LUOSHI_HOME and DATABASE_URL |
| rights.py | who may do what, the only place that says so; urls.py names the right of every address |
| models.py | Place, User, Lockout, Campaign, Upload, Job, Result, Cell; the logs Decision, Remark, Correction; Token |
| intake.py, work.py, checking.py | files in; the worker; its child |
| ledger.py | decisions between the database and `pipeline.decisions`; cells and the queue |
| views.py, desk.py, city.py, api.py | pages of the campaign; of who reviews; of the city plan; for other programs |
| keeping.py, journal.py | backup and restore; the log |
| server.py | first start, worker and web server as one process tree |

Next, in this order:
- letters, workbooks and pages show decisions (they are handed the check with its decisions already, see `batch.write_reports`);
- evidence on the page image of PDF and scans; the responsibility graph and each unit's list among the reports; rule packs by version;
- sweep originals that no record names (bytes of an upload whose transaction failed; harmless, but they take room);
- a heat-map by chapter for provinces: beyond sixty towns it goes on to a next page.
"""
