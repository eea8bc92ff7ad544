"""Turns kvitt's own CSV into its NDJSON: csv_to_ndjson.py IN OUT"""
import json
import sys

with open(sys.argv[1]) as source, open(sys.argv[2], "w") as out:
    names = source.readline().rstrip("\n").split(";")
    for line in source:
        fields = line.rstrip("\n").split(";")
        if fields[0] == "#total":
            record = {"control": "total", "currency": fields[1], "records": int(fields[2]),
                      "debit": int(fields[3]), "credit": int(fields[4])}
        elif fields[0] == "#end":
            record = {"control": "end", "records": int(fields[1]), "sequence": int(fields[2])}
        else:
            record = {name: int(text) if name in ("reversal", "amount_minor", "billing_minor")
                      else text for name, text in zip(names, fields) if text}
        out.write(json.dumps(record, separators=(",", ":")) + "\n")
