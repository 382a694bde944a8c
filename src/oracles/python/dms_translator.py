"""Reads DMS records, one a line, and prints the SQL that CrateDB's translator makes of each."""

import json
import sys

from commons_codec.model import TableAddress
from commons_codec.transform.aws_dms import DMSTranslatorCrateDB

translator = DMSTranslatorCrateDB(primary_keys={TableAddress("public", "t"): ["id"]})
for line in sys.stdin:
    operation = translator.to_sql(json.loads(line))
    print(json.dumps([operation.statement, operation.parameters], ensure_ascii=False))
