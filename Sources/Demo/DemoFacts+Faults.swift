extension DemoFacts {
  /// `withdrawals.csv`: numbers lost for good, one that came back, and a record made by mistake (P1).
  static let withdrawals = """
    withdrawal_id,reason,scope,scope_value,effective_at,reversed_at,voided
    WD-01,regulatory,prefix,+491713920012,2021-10-18T09:00:00Z,,
    WD-02,carrier,line,+447700900117,2021-10-05T11:30:00Z,2021-10-12T16:45:00Z,
    WD-03,carrier,carrier,Harbor Mobile,2021-10-11T00:00:00Z,,true
    WD-04,carrier,line,+61491570157,2021-10-02T04:00:00Z,,

    """

  /// `feature_faults.csv`: on both sides of 7 days, one of exactly 7, and two that touch and are one for the lines both hit (P4).
  static let featureFaults = """
    fault_id,feature,scope,scope_value,started_at,fixed_at
    F-01,call_recording,plan,voice-sms,2021-10-04T06:00:00Z,2021-10-13T18:20:00Z
    F-02,inbound_sms,carrier,Kestrel Wireless,2021-09-06T00:00:00Z,2021-09-13T00:00:00Z
    F-03,outbound_calls,region,sa-east,2021-08-20T10:00:00Z,2021-08-24T10:00:00Z
    F-04,outbound_calls,prefix,+1217,2021-08-24T10:00:00Z,2021-08-29T08:00:00Z
    F-05,voicemail,platform,,2021-08-09T00:00:00Z,2021-09-02T12:00:00Z
    F-06,sms_api,line,+12175550131,2021-10-18T22:00:00Z,

    """

  /// `plan_features.csv`: the core features that each plan is advertised with.
  static let planFeatures = """
    plan,feature
    sms-basic,inbound_sms
    sms-pro,inbound_sms
    sms-pro,sms_api
    voice-sms,call_recording
    voice-sms,inbound_sms
    voice-sms,outbound_calls
    office,call_recording
    office,inbound_sms
    office,outbound_calls
    office,sms_api
    office,voicemail

    """

  /// `restorations.csv`: 80 hours, two tickets that touch, exactly 72 hours, and one still open (P3).
  static let restorations = """
    ticket_id,order_id,opened_at,restored_at
    T-501,O-1024,2021-10-10T09:00:00Z,2021-10-13T17:00:00Z
    T-502,O-1025,2021-10-15T02:00:00Z,2021-10-16T20:00:00Z
    T-503,O-1025,2021-10-16T20:00:00Z,2021-10-18T11:30:00Z
    T-504,O-1026,2021-10-11T12:00:00Z,2021-10-14T12:00:00Z
    T-505,O-1027,2021-10-26T15:20:00Z,

    """
}
