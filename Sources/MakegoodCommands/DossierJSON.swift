import Ledger
import Night
import RefundPolicy

/// A dossier for a program: the same as the text, with amounts as texts and days as `YYYY-MM-DD`.
enum DossierJSON {
  /// - Parameter first: A member that comes before all others.
  static func text(_ dossier: OrderDossier, after first: (String, String)? = nil) -> String {
    let facts = dossier.facts
    return JSONText.object(
      [first].compactMap(\.self) + [
        ("order_id", JSONText.string(facts.orderID)), ("as_of", JSONText.string(dossier.businessDay.description)),
        ("voided", dossier.isVoided ? "true" : "false"), ("line", JSONText.string(facts.line.number)),
        ("carrier", JSONText.string(facts.line.carrier)), ("region", JSONText.string(facts.line.region)),
        ("plan", JSONText.string(facts.line.plan)), ("provisioned_at", JSONText.string(facts.service.provisionedAt?.description)),
        ("activated_at", JSONText.string(facts.service.activatedAt?.description)), ("ended_at", JSONText.string(facts.service.ended?.at.description)),
        ("end_reason", JSONText.string(facts.service.ended?.reason.rawValue)),
        ("corrections", JSONText.array(dossier.changes.map(change))), ("faults", JSONText.array(dossier.faults.map { fault($0, dossier) })),
        ("requests", JSONText.array(requests(dossier))), ("periods", JSONText.array(facts.periods.indices.map { period($0, dossier) })),
        ("items", JSONText.array(dossier.versions.map(version))),
        ("payouts", JSONText.array(dossier.payouts.map { $0.json(on: dossier.businessDay) })),
        ("history", JSONText.array(dossier.history.map(event))),
      ])
  }

  private static func event(_ event: HistoryEvent) -> String {
    JSONText.object([
      ("at", JSONText.string(event.at.description)), ("actor", JSONText.string(event.actor)), ("machine", JSONText.string(event.machine)),
      ("by_person", event.isByPerson ? "true" : "false"),
      ("what", JSONText.string(event.what)), ("before", JSONText.string(event.before)), ("after", JSONText.string(event.after)),
      ("note", JSONText.string(event.note)),
    ])
  }

  private static func change(_ change: OrderDossier.FactChange) -> String {
    JSONText.object([
      ("imported_at", JSONText.string(change.importedAt.description)), ("table", JSONText.string(change.table)),
      ("key", JSONText.string(change.key)), ("before", change.before), ("after", change.after),
    ])
  }

  private static func fault(_ fault: Fault, _ dossier: OrderDossier) -> String {
    JSONText.object([
      ("cause", JSONText.string(fault.kind.cause.name)), ("started_at", JSONText.string(fault.start.description)),
      ("ended_at", JSONText.string(fault.end?.description)), ("seconds", "\(fault.length(asOf: dossier.cut))"),
      ("records", JSONText.list(fault.records.map(\.evidence))),
    ])
  }

  private static func requests(_ dossier: OrderDossier) -> [String] {
    dossier.facts.requests.enumerated().map { index, request in
      let decision = dossier.decision.requests[index]
      return JSONText.object([
        ("request_id", JSONText.string(request.requestID)), ("requested_at", JSONText.string(request.requestedAt.description)),
        ("decision", JSONText.string(decision?.verdict.rawValue)), ("clause", JSONText.string(decision?.clause.rawValue)),
        ("explanation", JSONText.string(dossier.explanation(ofRequest: index))),
      ])
    }
  }

  private static func period(_ index: Int, _ dossier: OrderDossier) -> String {
    let period = dossier.facts.periods[index]
    let entitlement = dossier.decision.entitlements[index]
    let days = (entitlement?.stretches ?? []).map { stretch in
      let first = period.days.first.distance(to: stretch.days.first)
      let end = period.days.first.distance(to: stretch.days.end)
      return JSONText.object([
        ("first_day", JSONText.string(stretch.days.first.description)), ("last_day", JSONText.string(stretch.days.last.description)),
        ("days", "\(stretch.days.dayCount)"), ("cause", JSONText.string(stretch.cause.name)),
        ("clause", JSONText.string(stretch.cause.clause.rawValue)), ("evidence", JSONText.string(stretch.evidence)),
        ("amount_usd", JSONText.string(entitlement?.proration.share(of: first..<end).description)),
      ])
    }
    return JSONText.object([
      ("period_id", JSONText.string(period.periodID)), ("first_day", JSONText.string(period.days.first.description)),
      ("last_day", JSONText.string(period.days.last.description)), ("days", "\(period.days.dayCount)"),
      ("paid_usd", JSONText.string(period.paid.description)), ("setup_fee_usd", JSONText.string(period.terms.setupFee.description)),
      ("base_usd", JSONText.string(entitlement?.proration.base.description)), ("entitled", JSONText.array(days)),
    ])
  }

  private static func version(_ version: OrderDossier.Version) -> String {
    let item = version.item
    return JSONText.object([
      ("item_id", JSONText.string(item.id.description)), ("version", "\(item.version)"), ("run", "\(item.run.number)"),
      ("business_date", JSONText.string(version.madeOn.description)), ("period_id", JSONText.string(item.periodID)),
      ("state", JSONText.string(item.state.rawValue)), ("amount_usd", JSONText.string(item.amount.description)), ("days", "\(item.dayCount)"),
      ("due_on", JSONText.string(item.dueOn.description)), ("flags", JSONText.list(item.flags.flags.map(\.rawValue))),
    ])
  }
}
