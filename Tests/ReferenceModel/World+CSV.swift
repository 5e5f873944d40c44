extension World {
  /// The eleven files by name, ready for `import`: header, LF, days and instants in UTC, amounts like `29.99`.
  public func csvFiles() -> [String: String] {
    [
      "orders.csv": file(
        "order_id,line,carrier,region,plan,provisioned_at,activated_at,ended_at,end_reason,voided",
        orders.map {
          [
            $0.id, $0.line, $0.carrier, $0.region, $0.plan, text($0.provisionedAt), text($0.activatedAt), text($0.endedAt),
            $0.endReason?.rawValue ?? "", text($0.voided),
          ]
        }),
      "periods.csv": file(
        "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_amount,txid,paid_at,voided",
        periods.map {
          [
            $0.id, $0.orderID, dayText($0.startsOn), dayText($0.endsOn), dollarsText($0.paidCents), dollarsText($0.feeCents), $0.coin,
            $0.network, $0.paidAmount, $0.txid, instantText($0.paidAt), text($0.voided),
          ]
        }),
      "addons.csv": file(
        "addon_id,period_id,category,fee_usd,active_from,active_to,voided",
        addons.map {
          [
            $0.id, $0.periodID, $0.category.rawValue, dollarsText($0.feeCents), text($0.activeFrom), text($0.activeTo), text($0.voided),
          ]
        }),
      "usage.csv": file(
        "order_id,day,outbound_calls,outbound_sms,verifications,voided",
        usage.map { [$0.orderID, dayText($0.day), String($0.calls), String($0.sms), String($0.verifications), text($0.voided)] }),
      "outages.csv": file(
        "outage_id,origin,scope,scope_value,started_at,ended_at,voided",
        outages.map { [$0.id, $0.origin.rawValue] + text($0.scope) + [text($0.startedAt), text($0.endedAt), text($0.voided)] }),
      "withdrawals.csv": file(
        "withdrawal_id,reason,scope,scope_value,effective_at,reversed_at,voided",
        withdrawals.map { [$0.id, $0.reason.rawValue] + text($0.scope) + [text($0.effectiveAt), text($0.reversedAt), text($0.voided)] }),
      "feature_faults.csv": file(
        "fault_id,feature,scope,scope_value,started_at,fixed_at,voided",
        featureFaults.map { [$0.id, $0.feature] + text($0.scope) + [text($0.startedAt), text($0.fixedAt), text($0.voided)] }),
      "plan_features.csv": file("plan,feature,voided", planFeatures.map { [$0.plan, $0.feature, text($0.voided)] }),
      "restorations.csv": file(
        "ticket_id,order_id,opened_at,restored_at,voided",
        restorations.map { [$0.id, $0.orderID, text($0.openedAt), text($0.restoredAt), text($0.voided)] }),
      "requests.csv": file(
        "request_id,order_id,txid,requested_at,channel,address,network,tag,voided",
        requests.map {
          [$0.id, $0.orderID, $0.txid, text($0.requestedAt), $0.channel.rawValue, $0.address, $0.network, $0.tag, text($0.voided)]
        }),
      "rates.csv": file("coin,quoted_at,usd,voided", rates.map { [$0.coin, text($0.quotedAt), $0.usd, text($0.voided)] }),
    ]
  }
}

private func file(_ header: String, _ rows: [[String]]) -> String {
  ([header] + rows.map { $0.map(quoted).joined(separator: ",") }).joined(separator: "\n") + "\n"
}

private func quoted(_ field: String) -> String {
  guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
  var doubled = ""
  for character in field { doubled += character == "\"" ? "\"\"" : String(character) }
  return "\"" + doubled + "\""
}

private func text(_ instant: Int?) -> String {
  instant.map(instantText) ?? ""
}

private func text(_ voided: Bool) -> String {
  voided ? "true" : ""
}

private func text(_ scope: Scope) -> [String] {
  switch scope {
  case .platform: ["platform", ""]
  case .region(let value): ["region", value]
  case .carrier(let value): ["carrier", value]
  case .prefix(let value): ["prefix", value]
  case .line(let value): ["line", value]
  case .plan(let value): ["plan", value]
  }
}
