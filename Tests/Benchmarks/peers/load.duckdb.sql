-- The facts into typed tables. Every row of every file that decides on money is read and checked for its type.
-- ${facts} is the folder of the CSV files.

CREATE TABLE orders AS FROM read_csv('${facts}/orders.csv', header = true, columns = {
  'order_id': 'VARCHAR', 'line': 'VARCHAR', 'carrier': 'VARCHAR', 'region': 'VARCHAR', 'plan': 'VARCHAR',
  'provisioned_at': 'TIMESTAMP', 'activated_at': 'TIMESTAMP', 'ended_at': 'TIMESTAMP', 'end_reason': 'VARCHAR'});
CREATE TABLE periods AS SELECT period_id, order_id, starts_on, ends_on, paid_usd, setup_fee_usd, paid_at
  FROM read_csv('${facts}/periods.csv', header = true, columns = {
  'period_id': 'VARCHAR', 'order_id': 'VARCHAR', 'starts_on': 'DATE', 'ends_on': 'DATE', 'paid_usd': 'DECIMAL(12,2)',
  'setup_fee_usd': 'DECIMAL(12,2)', 'coin': 'VARCHAR', 'network': 'VARCHAR', 'paid_amount': 'VARCHAR',
  'txid': 'VARCHAR', 'paid_at': 'TIMESTAMP'});
CREATE TABLE addons AS FROM read_csv('${facts}/addons.csv', header = true, columns = {
  'addon_id': 'VARCHAR', 'period_id': 'VARCHAR', 'category': 'VARCHAR', 'fee_usd': 'DECIMAL(12,2)',
  'active_from': 'TIMESTAMP', 'active_to': 'TIMESTAMP'});
CREATE TABLE usage AS FROM read_csv('${facts}/usage.csv', header = true, columns = {
  'order_id': 'VARCHAR', 'day': 'DATE', 'outbound_calls': 'INTEGER', 'outbound_sms': 'INTEGER',
  'verifications': 'INTEGER'});
CREATE TABLE outages AS FROM read_csv('${facts}/outages.csv', header = true, columns = {
  'outage_id': 'VARCHAR', 'origin': 'VARCHAR', 'scope': 'VARCHAR', 'scope_value': 'VARCHAR',
  'started_at': 'TIMESTAMP', 'ended_at': 'TIMESTAMP'});
CREATE TABLE withdrawals AS FROM read_csv('${facts}/withdrawals.csv', header = true, columns = {
  'withdrawal_id': 'VARCHAR', 'reason': 'VARCHAR', 'scope': 'VARCHAR', 'scope_value': 'VARCHAR',
  'effective_at': 'TIMESTAMP', 'reversed_at': 'TIMESTAMP'});
CREATE TABLE feature_faults AS FROM read_csv('${facts}/feature_faults.csv', header = true, columns = {
  'fault_id': 'VARCHAR', 'feature': 'VARCHAR', 'scope': 'VARCHAR', 'scope_value': 'VARCHAR',
  'started_at': 'TIMESTAMP', 'fixed_at': 'TIMESTAMP'});
CREATE TABLE plan_features AS FROM read_csv('${facts}/plan_features.csv', header = true, columns = {
  'plan': 'VARCHAR', 'feature': 'VARCHAR'});
CREATE TABLE restorations AS FROM read_csv('${facts}/restorations.csv', header = true, columns = {
  'ticket_id': 'VARCHAR', 'order_id': 'VARCHAR', 'opened_at': 'TIMESTAMP', 'restored_at': 'TIMESTAMP'});
