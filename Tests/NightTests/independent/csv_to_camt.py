"""Writes rows of kvitt's own CSV as card transactions of camt.054, a notification for each thousand."""
import csv
import sys

source, target, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])


def money(minor):
    return f"{minor // 100}.{minor % 100:02d}"


def entry(row):
    kind = "DBIT" if row["type"] == "purchase" else "CRDT"
    return (
        f'<Ntry><Amt Ccy="{row["billing_currency"]}">{money(int(row["billing_minor"]))}</Amt>'
        f"<CdtDbtInd>{kind}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f'<BookgDt><Dt>{row["local_time"][:10]}</Dt></BookgDt>'
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>CCRD</Cd><SubFmlyCd>POSD</SubFmlyCd></Fmly></Domn>"
        "</BkTxCd><NtryDtls><TxDtls>"
        f'<Amt Ccy="{row["billing_currency"]}">{money(int(row["billing_minor"]))}</Amt>'
        f"<CdtDbtInd>{kind}</CdtDbtInd>"
        f'<CardTx><POI><Id><Id>{row["merchant_id"]}</Id></Id></POI><Tx><Indv><TxId>'
        f'<TxDtTm>{row["local_time"]}</TxDtTm><TxRef>{row["reference"]}</TxRef>'
        "</TxId></Indv></Tx></CardTx></TxDtls></NtryDtls></Ntry>\n"
    )


def notification(number, rows, out):
    sums = {"purchase": [0, 0], "refund": [0, 0]}
    for row in rows:
        total = sums["purchase" if row["type"] == "purchase" else "refund"]
        total[0] += 1
        total[1] += int(row["billing_minor"])
    debit, credit = sums["purchase"], sums["refund"]
    out.write(
        f'<Ntfctn><Id>N-{number}</Id><Acct><Id><Othr><Id>{rows[0]["card_token"]}</Id></Othr></Id>'
        "<Ccy>EUR</Ccy></Acct><TxsSummry>"
        f"<TtlNtries><NbOfNtries>{len(rows)}</NbOfNtries><Sum>{money(debit[1] + credit[1])}</Sum>"
        f"</TtlNtries><TtlCdtNtries><NbOfNtries>{credit[0]}</NbOfNtries><Sum>{money(credit[1])}"
        f"</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>{debit[0]}</NbOfNtries>"
        f"<Sum>{money(debit[1])}</Sum></TtlDbtNtries></TxsSummry>\n"
    )
    for row in rows:
        out.write(entry(row))
    out.write("</Ntfctn>\n")


with open(source, newline="") as text, open(target, "w") as out:
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>'
        "<GrpHdr><MsgId>BENCH</MsgId><CreDtTm>2026-09-02T01:00:00</CreDtTm></GrpHdr>\n"
    )
    rows = []
    for number, row in enumerate(csv.DictReader(text, delimiter=";")):
        if number >= limit or row["type"].startswith("#"):
            break
        rows.append(row)
        if len(rows) == 1000:
            notification(number, rows, out)
            rows = []
    if rows:
        notification(0, rows, out)
    out.write("</BkToCstmrDbtCdtNtfctn></Document>\n")
