# make          this help
# The environment is made once, in .venv, and made again only when setup.cfg changes.

VENV ?= .venv
PYTHON ?= python3
RUN = $(VENV)/bin/luoshi
READY = $(VENV)/.ready
FOLDER ?= corpora
PROJECT ?= $(FOLDER)
TOWNS ?= 14,140,1400
OUT ?= outputs

.DEFAULT_GOAL := help
.PHONY: help demo serve test check matrix batch eval exemplars fit bench fuzz lint doctor clean

help:
	@echo "make demo                              安装并在演示城市上运行，十行说明结果"
	@echo "make serve                             网页版：本机或局域网，首次启动会要求建立管理员"
	@echo "make test                              安装并运行全部测试"
	@echo "make check UPPER=市方案 LOWER='镇方案…'  核对自己的方案，报告写入 $(OUT)/check"
	@echo "make matrix UPPER=市方案                任务分解表、责任矩阵，写入 $(OUT)/matrix"
	@echo "make batch [FOLDER=corpora]            成批核对 FOLDER 下每个城市文件夹，没有变化的不重算"
	@echo "make batch PROJECT=PROJECT.toml        按项目文件成批核对：多市、多县、几千个镇"
	@echo "make eval                              用带真值的语料打分，有无领域概念包各一次"
	@echo "make exemplars                           由 rules/domains/*/exemplars.tsv 的例句重新算出工作类别的权重"
	@echo "make fit [LIST=清单.tsv] [WRITE=1]       在带真值的语料上拟合判断的权重，每组由没见过它的权重来判；WRITE=1 写入 rules"
	@echo "make bench [TOWNS=14,140,1400]          计时（与同机的 spaCy、jieba、pdfplumber 等同次比较），写入 docs/performance.md"
	@echo "make fuzz [RUNS=300]                   改坏各种格式的文件再读：读出、说清为什么退回，或是程序的错"
	@echo "make lint                              规则自检与代码检查"
	@echo "make doctor                            本机有哪些部件，缺什么、怎么装"

$(READY): setup.cfg pyproject.toml
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "安装依赖到 $(VENV)（首次约一两分钟）……"
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@$(VENV)/bin/python -m compileall -q pipeline  # also where the environment tells Python to write no bytecode: compiling costs a fifth of a short run
	@touch $(READY)

demo: $(READY)
	@$(RUN) batch corpora/demo --out $(OUT)

serve: $(READY)
	@$(VENV)/bin/python -c "import django, waitress, whitenoise" 2>/dev/null || $(VENV)/bin/python -m pip install -q --disable-pip-version-check -e '.[web]'
	@$(RUN) serve

test: $(READY)
	@$(VENV)/bin/python -m pytest -n auto tests

check: $(READY)
	@test -n "$(UPPER)" && test -n "$(LOWER)" || { echo "用法：make check UPPER=市方案.docx LOWER='甲镇.docx 乙镇.pdf'"; exit 2; }
	@$(RUN) check $(UPPER) $(LOWER) --out $(OUT)/check

matrix: $(READY)
	@test -n "$(UPPER)" || { echo "用法：make matrix UPPER=市方案.docx"; exit 2; }
	@$(RUN) matrix $(UPPER) --out $(OUT)/matrix

batch: $(READY)
	@$(RUN) batch $(PROJECT) $(if $(filter %.toml,$(PROJECT)),,--out $(OUT))

eval: $(READY)
	@for city in corpora/*/; do for domain in auto none; do echo "== $$city --domain $$domain"; $(RUN) eval $$city --domain $$domain --baselines; done; done

exemplars: $(READY)
	@$(VENV)/bin/python tests/fit_exemplars.py

fit: $(READY)
	@$(VENV)/bin/python tests/fit_judge.py $(if $(LIST),--list $(LIST)) $(if $(WRITE),--write)

bench: $(READY)
	@$(VENV)/bin/python tests/bench.py --towns $(TOWNS)

fuzz: $(READY)
	@$(VENV)/bin/python tests/fuzz.py --runs $(or $(RUNS),300)

lint: $(READY)
	@$(RUN) rules lint
	@$(VENV)/bin/ruff check --line-length 150 pipeline tests

doctor: $(READY)
	@$(RUN) doctor

clean:
	rm -rf $(VENV) build dist *.egg-info pipeline/*.egg-info
