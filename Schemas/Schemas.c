// Written by EmbeddedFilesTests; KVITT_RECORD=1 writes it anew.
#include "Schemas.h"

static const kvitt_file files[] = {
  {"functions/imports/ask_import.sql", (const unsigned char[]){
#embed "functions/imports/ask_import.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/acting_role.sql", (const unsigned char[]){
#embed "functions/leaves/acting_role.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/attach_facts.sql", (const unsigned char[]){
#embed "functions/leaves/attach_facts.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/check_batch_role.sql", (const unsigned char[]){
#embed "functions/leaves/check_batch_role.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/check_leaf.sql", (const unsigned char[]){
#embed "functions/leaves/check_leaf.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/fact_sources.sql", (const unsigned char[]){
#embed "functions/leaves/fact_sources.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/find_repeats.sql", (const unsigned char[]){
#embed "functions/leaves/find_repeats.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/index_identities.sql", (const unsigned char[]){
#embed "functions/leaves/index_identities.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/merge_leaves.sql", (const unsigned char[]){
#embed "functions/leaves/merge_leaves.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/movement.sql", (const unsigned char[]){
#embed "functions/leaves/movement.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/note_facts.sql", (const unsigned char[]){
#embed "functions/leaves/note_facts.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/open_leaf.sql", (const unsigned char[]){
#embed "functions/leaves/open_leaf.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/post_entries.sql", (const unsigned char[]){
#embed "functions/leaves/post_entries.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/post_leaf_entries.sql", (const unsigned char[]){
#embed "functions/leaves/post_leaf_entries.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/reserve_batch.sql", (const unsigned char[]){
#embed "functions/leaves/reserve_batch.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/seal_leaf.sql", (const unsigned char[]){
#embed "functions/leaves/seal_leaf.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/seal_text.sql", (const unsigned char[]){
#embed "functions/leaves/seal_text.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/leaves/undecided_rows.sql", (const unsigned char[]){
#embed "functions/leaves/undecided_rows.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/locks/lock_members.sql", (const unsigned char[]){
#embed "functions/locks/lock_members.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/locks/pass_gate.sql", (const unsigned char[]){
#embed "functions/locks/pass_gate.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/change_member_refs.sql", (const unsigned char[]){
#embed "functions/members/change_member_refs.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/check_merge.sql", (const unsigned char[]){
#embed "functions/members/check_merge.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/enrol_members.sql", (const unsigned char[]){
#embed "functions/members/enrol_members.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/find_member.sql", (const unsigned char[]){
#embed "functions/members/find_member.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/note_lookup.sql", (const unsigned char[]){
#embed "functions/members/note_lookup.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/replace_card.sql", (const unsigned char[]){
#embed "functions/members/replace_card.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/taken_numbers.sql", (const unsigned char[]){
#embed "functions/members/taken_numbers.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/members/tell_member_facts.sql", (const unsigned char[]){
#embed "functions/members/tell_member_facts.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/convert_points.sql", (const unsigned char[]){
#embed "functions/redemption/convert_points.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/disputed_purchases.sql", (const unsigned char[]){
#embed "functions/redemption/disputed_purchases.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/end_all_overdue.sql", (const unsigned char[]){
#embed "functions/redemption/end_all_overdue.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/end_hold.sql", (const unsigned char[]){
#embed "functions/redemption/end_hold.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/end_overdue.sql", (const unsigned char[]){
#embed "functions/redemption/end_overdue.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/hold.sql", (const unsigned char[]){
#embed "functions/redemption/hold.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/issue_payout_file.sql", (const unsigned char[]){
#embed "functions/redemption/issue_payout_file.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/issue_payouts.sql", (const unsigned char[]){
#embed "functions/redemption/issue_payouts.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/member_rewards.sql", (const unsigned char[]){
#embed "functions/redemption/member_rewards.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/note_holds.sql", (const unsigned char[]){
#embed "functions/redemption/note_holds.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/order_item.sql", (const unsigned char[]){
#embed "functions/redemption/order_item.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/post_holds.sql", (const unsigned char[]){
#embed "functions/redemption/post_holds.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/reserved.sql", (const unsigned char[]){
#embed "functions/redemption/reserved.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/redemption/set_spendable.sql", (const unsigned char[]){
#embed "functions/redemption/set_spendable.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/reference/import_reference.sql", (const unsigned char[]){
#embed "functions/reference/import_reference.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/reference/rate_moves.sql", (const unsigned char[]){
#embed "functions/reference/rate_moves.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/begin_run.sql", (const unsigned char[]){
#embed "functions/runs/begin_run.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/check_business_date.sql", (const unsigned char[]){
#embed "functions/runs/check_business_date.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/check_proof_date.sql", (const unsigned char[]){
#embed "functions/runs/check_proof_date.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/end_holder.sql", (const unsigned char[]){
#embed "functions/runs/end_holder.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/hold_fence.sql", (const unsigned char[]){
#embed "functions/runs/hold_fence.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/last_business_date.sql", (const unsigned char[]){
#embed "functions/runs/last_business_date.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/runs/note_step.sql", (const unsigned char[]){
#embed "functions/runs/note_step.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/begin_settlement.sql", (const unsigned char[]){
#embed "functions/settlement/begin_settlement.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/books_position.sql", (const unsigned char[]){
#embed "functions/settlement/books_position.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/check_partner_opening.sql", (const unsigned char[]){
#embed "functions/settlement/check_partner_opening.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/check_plan.sql", (const unsigned char[]){
#embed "functions/settlement/check_plan.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/check_prepaid_moves.sql", (const unsigned char[]){
#embed "functions/settlement/check_prepaid_moves.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/check_turn.sql", (const unsigned char[]){
#embed "functions/settlement/check_turn.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/issue_statement.sql", (const unsigned char[]){
#embed "functions/settlement/issue_statement.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/partner_currency.sql", (const unsigned char[]){
#embed "functions/settlement/partner_currency.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/partner_footing.sql", (const unsigned char[]){
#embed "functions/settlement/partner_footing.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/plan_positions.sql", (const unsigned char[]){
#embed "functions/settlement/plan_positions.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/prepare_standing.sql", (const unsigned char[]){
#embed "functions/settlement/prepare_standing.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/spend_budget.sql", (const unsigned char[]){
#embed "functions/settlement/spend_budget.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/settlement/standing_use.sql", (const unsigned char[]){
#embed "functions/settlement/standing_use.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/terms/apply_terms.sql", (const unsigned char[]){
#embed "functions/terms/apply_terms.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/terms/register_partner.sql", (const unsigned char[]){
#embed "functions/terms/register_partner.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/terms/register_programme.sql", (const unsigned char[]){
#embed "functions/terms/register_programme.sql" suffix(, 0) if_empty(0)
  }},
  {"functions/terms/register_unit.sql", (const unsigned char[]){
#embed "functions/terms/register_unit.sql" suffix(, 0) if_empty(0)
  }},
  {"objects.txt", (const unsigned char[]){
#embed "objects.txt" suffix(, 0) if_empty(0)
  }},
  {"rights.txt", (const unsigned char[]){
#embed "rights.txt" suffix(, 0) if_empty(0)
  }},
  {"roles.sql", (const unsigned char[]){
#embed "roles.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/00_schema.sql", (const unsigned char[]){
#embed "tables/00_schema.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/01_chart.sql", (const unsigned char[]){
#embed "tables/01_chart.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/02_terms.sql", (const unsigned char[]){
#embed "tables/02_terms.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/03_reference_data.sql", (const unsigned char[]){
#embed "tables/03_reference_data.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/04_members.sql", (const unsigned char[]){
#embed "tables/04_members.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/05_leaves.sql", (const unsigned char[]){
#embed "tables/05_leaves.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/06_ledger.sql", (const unsigned char[]){
#embed "tables/06_ledger.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/07_feeds.sql", (const unsigned char[]){
#embed "tables/07_feeds.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/08_rewards.sql", (const unsigned char[]){
#embed "tables/08_rewards.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/09_redemption.sql", (const unsigned char[]){
#embed "tables/09_redemption.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/10_two_people.sql", (const unsigned char[]){
#embed "tables/10_two_people.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/11_settlement.sql", (const unsigned char[]){
#embed "tables/11_settlement.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/12_prepaid_miles.sql", (const unsigned char[]){
#embed "tables/12_prepaid_miles.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/13_reconciliation.sql", (const unsigned char[]){
#embed "tables/13_reconciliation.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/14_runs.sql", (const unsigned char[]){
#embed "tables/14_runs.sql" suffix(, 0) if_empty(0)
  }},
  {"tables/15_facts.sql", (const unsigned char[]){
#embed "tables/15_facts.sql" suffix(, 0) if_empty(0)
  }},
  {"views/account_balance.sql", (const unsigned char[]){
#embed "views/account_balance.sql" suffix(, 0) if_empty(0)
  }},
  {"views/break_state.sql", (const unsigned char[]){
#embed "views/break_state.sql" suffix(, 0) if_empty(0)
  }},
  {"views/member_balance.sql", (const unsigned char[]){
#embed "views/member_balance.sql" suffix(, 0) if_empty(0)
  }},
  {"views/member_number.sql", (const unsigned char[]){
#embed "views/member_number.sql" suffix(, 0) if_empty(0)
  }},
  {"views/member_posting.sql", (const unsigned char[]){
#embed "views/member_posting.sql" suffix(, 0) if_empty(0)
  }},
  {"views/merged.sql", (const unsigned char[]){
#embed "views/merged.sql" suffix(, 0) if_empty(0)
  }},
  {"views/posted_hold.sql", (const unsigned char[]){
#embed "views/posted_hold.sql" suffix(, 0) if_empty(0)
  }},
  {"views/prepaid_room.sql", (const unsigned char[]){
#embed "views/prepaid_room.sql" suffix(, 0) if_empty(0)
  }},
  {"views/signer_in_force.sql", (const unsigned char[]){
#embed "views/signer_in_force.sql" suffix(, 0) if_empty(0)
  }},
  {"views/standing_in_force.sql", (const unsigned char[]){
#embed "views/standing_in_force.sql" suffix(, 0) if_empty(0)
  }},
  {"Settlement/accounts/NB-EUR.yaml", (const unsigned char[]){
#embed "../Settlement/accounts/NB-EUR.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/agreements/cashback-sek.yaml", (const unsigned char[]){
#embed "../Settlement/agreements/cashback-sek.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/agreements/cashback.yaml", (const unsigned char[]){
#embed "../Settlement/agreements/cashback.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/agreements/miles.yaml", (const unsigned char[]){
#embed "../Settlement/agreements/miles.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/agreements/store-credit-bokbio.yaml", (const unsigned char[]){
#embed "../Settlement/agreements/store-credit-bokbio.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/agreements/store-credit.yaml", (const unsigned char[]){
#embed "../Settlement/agreements/store-credit.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/calendars/TARGET.yaml", (const unsigned char[]){
#embed "../Settlement/calendars/TARGET.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/camt-cards.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/camt-cards.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/enfuce-issuing.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/enfuce-issuing.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/lithic-transactions.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/lithic-transactions.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/marqeta-transactions.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/marqeta-transactions.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/mastercard-ipm.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/mastercard-ipm.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/northbank-cards.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/northbank-cards.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/pagopa-centrostella.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/pagopa-centrostella.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/stripe-issuing.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/stripe-issuing.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/feeds/viva-issuing.yaml", (const unsigned char[]){
#embed "../Settlement/feeds/viva-issuing.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/partners/BOK.yaml", (const unsigned char[]){
#embed "../Settlement/partners/BOK.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/partners/KFH.yaml", (const unsigned char[]){
#embed "../Settlement/partners/KFH.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/partners/LUM.yaml", (const unsigned char[]){
#embed "../Settlement/partners/LUM.yaml" suffix(, 0) if_empty(0)
  }},
  {"Settlement/partners/NVA.yaml", (const unsigned char[]){
#embed "../Settlement/partners/NVA.yaml" suffix(, 0) if_empty(0)
  }},
};

kvitt_file kvitt_file_at(size_t index) {
  if (index < sizeof files / sizeof files[0]) return files[index];
  return (kvitt_file){0, 0};
}
