"""Writes a Mastercard IPM file with the independent package cardutil.

write_ipm.py OUT ENCODING(latin-1|cp500|cp037) BLOCKED(0|1) RECORDS [DEFECT]
DEFECT: count, sum, number, id, notrailer, pan, exponent
"""
import datetime
import sys

from cardutil import mciipm

out, encoding, blocked, count = sys.argv[1], sys.argv[2], sys.argv[3] == "1", int(sys.argv[4])
defect = sys.argv[5] if len(sys.argv) > 5 else ""
FILE_ID = "0012509090000001234500001"


def luhn(digits):
    total = 0
    for offset, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if offset % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def pan(index):
    return luhn("5204%011d" % (index % 5))


def presentment(index):
    record = {
        "MTI": "1240", "DE2": pan(index), "DE3": "000000", "DE4": 1000 + index, "DE6": 2000 + index,
        "DE10": "61234567",
        "DE12": datetime.datetime(2025, 9, 8, 12, index % 60, 0), "DE22": "V00101V00101",
        "DE24": "200", "DE26": 742 if index % 2 else 5411, "DE31": "%023d" % (70000 + index),
        "DE37": "%012d" % index, "DE38": "123456", "DE42": "MERCHANT%d" % (index % 3),
        "DE43": "SHOP [A] ^%d\\STREET 1\\STOCKHOLM\\11122        SWE" % index, "DE49": "752",
        "DE51": "978", "DE63": "LIFE%011d" % index, "DE94": "00000001234",
        "PDS0023": "CT1", "PDS0148": "75229782" if defect != "exponent" else "75239782",
        "PDS0165": "M" + "x" * 900, "PDS0158": "y" * 90,
    }
    return record


def special(index, **changes):
    record = presentment(index)
    record.update(changes)
    return record


body = [presentment(index) for index in range(count)]
if count >= 4:
    body += [
        special(0, PDS0025="R250909"),
        special(90, DE3="200000"),
        special(91, DE3="010000"),
        special(1, MTI="1240", DE24="205", DE25="2001"),
        special(1, MTI="1442", DE24="450", DE25="4837"),
        special(92, MTI="1740", DE24="700", DE25="7601"),
        special(93, MTI="1644", DE24="696"),
    ]
if defect == "pan":
    body[0]["DE2"] = "52040000ABC"
header = {"MTI": "1644", "DE24": "697", "PDS0105": FILE_ID, "PDS0122": "T"}
total = sum(record["DE4"] for record in body)
trailer = {
    "MTI": "1644", "DE24": "695", "PDS0105": FILE_ID if defect != "id" else FILE_ID[::-1],
    "PDS0301": "%016d" % (total + (1 if defect == "sum" else 0)),
    "PDS0306": "%08d" % (len(body) + 2 + (1 if defect == "count" else 0)),
}
messages = [header] + body + ([] if defect == "notrailer" else [trailer])
with open(out, "wb") as file:
    with mciipm.IpmWriter(file, encoding=encoding, blocked=blocked) as writer:
        for number, message in enumerate(messages, 1):
            message["DE71"] = number + (1 if defect == "number" and number > 3 else 0)
            writer.write(message)
print(total, len(messages))
