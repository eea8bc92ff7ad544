#include "Schemas.h"

static const unsigned char m0001[] = {
#embed "migrations/0001_reference.sql"
};
static const unsigned char m0002[] = {
#embed "migrations/0002_leaves.sql"
};
static const unsigned char m0003[] = {
#embed "migrations/0003_settlement.sql"
};
static const unsigned char m0004[] = {
#embed "migrations/0004_reconciliation.sql"
};
static const unsigned char m0005[] = {
#embed "migrations/0005_runs.sql"
};
static const unsigned char m0006[] = {
#embed "migrations/0006_keys.sql"
};
static const unsigned char m0007[] = {
#embed "migrations/0007_chart.sql"
};
static const unsigned char m0008[] = {
#embed "migrations/0008_leaf_functions.sql"
};
static const unsigned char m0009[] = {
#embed "migrations/0009_term_functions.sql"
};
static const unsigned char m0010[] = {
#embed "migrations/0010_run_functions.sql"
};
static const unsigned char m0011[] = {
#embed "migrations/0011_views.sql"
};
static const unsigned char m0012[] = {
#embed "migrations/0012_grants.sql"
};
static const unsigned char m0013[] = {
#embed "migrations/0013_feeds.sql"
};
static const unsigned char m0014[] = {
#embed "migrations/0014_feed_functions.sql"
};
static const unsigned char m0015[] = {
#embed "migrations/0015_reference_data.sql"
};
static const unsigned char m0016[] = {
#embed "migrations/0016_accounts.sql"
};
static const unsigned char m0017[] = {
#embed "migrations/0017_expiry.sql"
};
static const unsigned char m0018[] = {
#embed "migrations/0018_terms_of_two.sql"
};
static const unsigned char m0019[] = {
#embed "migrations/0019_debts.sql"
};
static const unsigned char m0020[] = {
#embed "migrations/0020_redemption.sql"
};
static const unsigned char m0021[] = {
#embed "migrations/0021_leaf_checks.sql"
};
static const unsigned char m0022[] = {
#embed "migrations/0022_payout.sql"
};
static const unsigned char m0023[] = {
#embed "migrations/0023_adjustments.sql"
};
static const unsigned char m0024[] = {
#embed "migrations/0024_openings.sql"
};
static const unsigned char m0025[] = {
#embed "migrations/0025_points.sql"
};
static const unsigned char m0026[] = {
#embed "migrations/0026_disputes.sql"
};
static const unsigned char m0027[] = {
#embed "migrations/0027_member_facts.sql"
};
static const unsigned char m0028[] = {
#embed "migrations/0028_awards.sql"
};
static const unsigned char m0029[] = {
#embed "migrations/0029_funding.sql"
};
static const unsigned char m0030[] = {
#embed "migrations/0030_amendments.sql"
};
static const unsigned char m0031[] = {
#embed "migrations/0031_members.sql"
};
static const unsigned char m0032[] = {
#embed "migrations/0032_estimates.sql"
};
static const unsigned char m0033[] = {
#embed "migrations/0033_write_offs.sql"
};
static const unsigned char m0034[] = {
#embed "migrations/0034_partner_openings.sql"
};
static const unsigned char m0035[] = {
#embed "migrations/0035_member_products.sql"
};
static const unsigned char m0036[] = {
#embed "migrations/0036_catalogue.sql"
};
static const unsigned char m0037[] = {
#embed "migrations/0037_merges.sql"
};
static const unsigned char m0038[] = {
#embed "migrations/0038_standing.sql"
};
static const unsigned char m0039[] = {
#embed "migrations/0039_baskets.sql"
};
static const unsigned char m0040[] = {
#embed "migrations/0040_settle_on_filing.sql"
};
static const unsigned char m0041[] = {
#embed "migrations/0041_neighbouring_days.sql"
};
static const unsigned char m0042[] = {
#embed "migrations/0042_prepaid_miles.sql"
};
static const unsigned char m0043[] = {
#embed "migrations/0043_currencies.sql"
};
static const unsigned char m0044[] = {
#embed "migrations/0044_first_hold.sql"
};
static const unsigned char m0045[] = {
#embed "migrations/0045_small_sorts.sql"
};
static const unsigned char m0046[] = {
#embed "migrations/0046_record_facts.sql"
};
static const unsigned char m0047[] = {
#embed "migrations/0047_cheaper_seals.sql"
};
static const unsigned char roles[] = {
#embed "roles.sql"
};

static const unsigned char e0[] = {
#embed "../Settlement/agreements/cashback-sek.yaml"
};
static const unsigned char e1[] = {
#embed "../Settlement/agreements/cashback.yaml"
};
static const unsigned char e2[] = {
#embed "../Settlement/agreements/miles.yaml"
};
static const unsigned char e3[] = {
#embed "../Settlement/agreements/store-credit-bokbio.yaml"
};
static const unsigned char e4[] = {
#embed "../Settlement/agreements/store-credit.yaml"
};
static const unsigned char e5[] = {
#embed "../Settlement/calendars/TARGET.yaml"
};
static const unsigned char e6[] = {
#embed "../Settlement/feeds/enfuce-issuing.yaml"
};
static const unsigned char e7[] = {
#embed "../Settlement/feeds/lithic-transactions.yaml"
};
static const unsigned char e8[] = {
#embed "../Settlement/feeds/marqeta-transactions.yaml"
};
static const unsigned char e9[] = {
#embed "../Settlement/feeds/mastercard-ipm.yaml"
};
static const unsigned char e10[] = {
#embed "../Settlement/feeds/northbank-cards.yaml"
};
static const unsigned char e11[] = {
#embed "../Settlement/feeds/pagopa-centrostella.yaml"
};
static const unsigned char e12[] = {
#embed "../Settlement/feeds/stripe-issuing.yaml"
};
static const unsigned char e13[] = {
#embed "../Settlement/feeds/viva-issuing.yaml"
};
static const unsigned char e14[] = {
#embed "../Settlement/partners/BOK.yaml"
};
static const unsigned char e15[] = {
#embed "../Settlement/partners/KFH.yaml"
};
static const unsigned char e16[] = {
#embed "../Settlement/partners/LUM.yaml"
};
static const unsigned char e17[] = {
#embed "../Settlement/partners/NVA.yaml"
};
static const unsigned char e18[] = {
#embed "../Settlement/feeds/camt-cards.yaml"
};
static const unsigned char e19[] = {
#embed "../Settlement/accounts/NB-EUR.yaml"
};

static const kvitt_sql_file migrations[] = {
    {"0001_reference", m0001, sizeof m0001},
    {"0002_leaves", m0002, sizeof m0002},
    {"0003_settlement", m0003, sizeof m0003},
    {"0004_reconciliation", m0004, sizeof m0004},
    {"0005_runs", m0005, sizeof m0005},
    {"0006_keys", m0006, sizeof m0006},
    {"0007_chart", m0007, sizeof m0007},
    {"0008_leaf_functions", m0008, sizeof m0008},
    {"0009_term_functions", m0009, sizeof m0009},
    {"0010_run_functions", m0010, sizeof m0010},
    {"0011_views", m0011, sizeof m0011},
    {"0012_grants", m0012, sizeof m0012},
    {"0013_feeds", m0013, sizeof m0013},
    {"0014_feed_functions", m0014, sizeof m0014},
    {"0015_reference_data", m0015, sizeof m0015},
    {"0016_accounts", m0016, sizeof m0016},
    {"0017_expiry", m0017, sizeof m0017},
    {"0018_terms_of_two", m0018, sizeof m0018},
    {"0019_debts", m0019, sizeof m0019},
    {"0020_redemption", m0020, sizeof m0020},
    {"0021_leaf_checks", m0021, sizeof m0021},
    {"0022_payout", m0022, sizeof m0022},
    {"0023_adjustments", m0023, sizeof m0023},
    {"0024_openings", m0024, sizeof m0024},
    {"0025_points", m0025, sizeof m0025},
    {"0026_disputes", m0026, sizeof m0026},
    {"0027_member_facts", m0027, sizeof m0027},
    {"0028_awards", m0028, sizeof m0028},
    {"0029_funding", m0029, sizeof m0029},
    {"0030_amendments", m0030, sizeof m0030},
    {"0031_members", m0031, sizeof m0031},
    {"0032_estimates", m0032, sizeof m0032},
    {"0033_write_offs", m0033, sizeof m0033},
    {"0034_partner_openings", m0034, sizeof m0034},
    {"0035_member_products", m0035, sizeof m0035},
    {"0036_catalogue", m0036, sizeof m0036},
    {"0037_merges", m0037, sizeof m0037},
    {"0038_standing", m0038, sizeof m0038},
    {"0039_baskets", m0039, sizeof m0039},
    {"0040_settle_on_filing", m0040, sizeof m0040},
    {"0041_neighbouring_days", m0041, sizeof m0041},
    {"0042_prepaid_miles", m0042, sizeof m0042},
    {"0043_currencies", m0043, sizeof m0043},
    {"0044_first_hold", m0044, sizeof m0044},
    {"0045_small_sorts", m0045, sizeof m0045},
    {"0046_record_facts", m0046, sizeof m0046},
    {"0047_cheaper_seals", m0047, sizeof m0047},
};

static const kvitt_sql_file examples[] = {
    {"accounts/NB-EUR.yaml", e19, sizeof e19},
    {"agreements/cashback-sek.yaml", e0, sizeof e0},
    {"agreements/cashback.yaml", e1, sizeof e1},
    {"agreements/miles.yaml", e2, sizeof e2},
    {"agreements/store-credit-bokbio.yaml", e3, sizeof e3},
    {"agreements/store-credit.yaml", e4, sizeof e4},
    {"calendars/TARGET.yaml", e5, sizeof e5},
    {"feeds/camt-cards.yaml", e18, sizeof e18},
    {"feeds/enfuce-issuing.yaml", e6, sizeof e6},
    {"feeds/lithic-transactions.yaml", e7, sizeof e7},
    {"feeds/marqeta-transactions.yaml", e8, sizeof e8},
    {"feeds/mastercard-ipm.yaml", e9, sizeof e9},
    {"feeds/northbank-cards.yaml", e10, sizeof e10},
    {"feeds/pagopa-centrostella.yaml", e11, sizeof e11},
    {"feeds/stripe-issuing.yaml", e12, sizeof e12},
    {"feeds/viva-issuing.yaml", e13, sizeof e13},
    {"partners/BOK.yaml", e14, sizeof e14},
    {"partners/KFH.yaml", e15, sizeof e15},
    {"partners/LUM.yaml", e16, sizeof e16},
    {"partners/NVA.yaml", e17, sizeof e17},
};

kvitt_sql_file kvitt_migration_at(size_t index) {
  if (index < sizeof migrations / sizeof migrations[0]) return migrations[index];
  return (kvitt_sql_file){0, 0, 0};
}

kvitt_sql_file kvitt_roles(void) { return (kvitt_sql_file){"roles", roles, sizeof roles}; }

kvitt_sql_file kvitt_example_at(size_t index) {
  if (index < sizeof examples / sizeof examples[0]) return examples[index];
  return (kvitt_sql_file){0, 0, 0};
}
