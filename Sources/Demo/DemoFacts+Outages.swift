extension DemoFacts {
  /// `outages.csv`: start and end of incidents that really happened at two cloud providers, in the summer and autumn of 2021.
  ///
  /// `aws-…` carries the incident id of Amazon Web Services (status.aws.amazon.com) and `gcp-…` that of Google Cloud (status.cloud.google.com).
  /// The times are theirs, to the second, and so are the ends that were never stated. Origin and scope are ours: each incident is laid onto
  /// a region, carrier, number range, plan or line of the made-up seller. Only `typo-0914` is invented: a mistake that was voided.
  static let outages = """
    outage_id,origin,scope,scope_value,started_at,ended_at,voided
    gcp-LGFBxyLwbh92E47fAzJ5,third_party,platform,,2021-08-01T07:00:00Z,2021-08-04T23:18:00Z,
    aws-lambda-eu-south-1-1628028846,infrastructure,region,eu-west,2021-08-03T21:39:00Z,2021-08-03T22:16:00Z,
    aws-elasticache-eu-west-1-1628216388,infrastructure,region,eu-west,2021-08-06T01:22:00Z,2021-08-06T02:31:00Z,
    gcp-f8NTn1ZFA4vXTd3CHQgw,carrier,carrier,Tidewater Telecom,2021-08-06T09:38:00Z,2021-08-06T10:38:00Z,
    gcp-yC6jA5p6Taoij6pPgSSW,infrastructure,platform,,2021-08-06T21:25:00Z,2021-08-07T03:53:00Z,
    aws-elb-us-east-1-1628306461,infrastructure,region,us-east,2021-08-07T01:08:00Z,2021-08-07T06:12:00Z,
    gcp-9hh2XPBVqqem4DxXZxui,infrastructure,region,sa-east,2021-08-16T08:19:00Z,2021-08-17T15:55:00Z,
    aws-ecs-us-east-1-1629201355,infrastructure,region,us-east,2021-08-17T10:40:00Z,2021-08-17T13:45:00Z,
    aws-events-us-east-1-1629229180,infrastructure,region,us-east,2021-08-17T15:31:00Z,2021-08-18T04:00:00Z,
    gcp-8DhiwfKvD987f5tJrj1G,infrastructure,region,ap-southeast,2021-08-24T02:50:00Z,2021-08-24T04:20:00Z,
    gcp-wNRZfELPApTbYeBrVTRy,infrastructure,prefix,+61,2021-08-24T03:14:00Z,2021-08-24T05:35:00Z,
    gcp-FWZV7AXUH99PsLc9Eywr,infrastructure,region,ap-southeast,2021-08-24T03:21:31Z,2021-08-24T04:48:46Z,
    aws-iam-1629996723,infrastructure,platform,,2021-08-26T13:44:00Z,2021-08-26T16:12:00Z,
    gcp-A27EJTBQ6anaCdeNX6zp,infrastructure,region,us-west,2021-08-26T13:49:00Z,2021-08-27T01:06:48Z,
    aws-internetconnectivity-us-west-2-1630434320,infrastructure,line,+12135550117,2021-08-31T18:25:20Z,,
    aws-elb-us-west-2-1630435612,carrier,carrier,Harbor Mobile,2021-08-31T18:46:52Z,,
    gcp-gwKjX9Lukav15SaFPbBF,infrastructure,region,eu-west,2021-09-01T02:35:00Z,2021-09-03T03:55:00Z,
    gcp-9dSqbyLnq9ALkVnD84eF,infrastructure,plan,voice-sms,2021-09-02T09:00:00Z,2021-09-02T19:00:00Z,
    gcp-WzDzgmTjQfAKPJha6Rbb,carrier,prefix,+447700,2021-09-03T12:40:00Z,2021-09-03T13:20:00Z,
    gcp-16SSwVXrYSLjy8fEMvyZ,infrastructure,region,us-central,2021-09-07T18:19:00Z,2021-09-08T18:00:00Z,
    gcp-uaRinwS8pu2yyjdYbDaM,infrastructure,region,us-central,2021-09-07T18:19:00Z,2021-09-08T18:00:00Z,
    gcp-mRTeQ94fZRLdx2Q7NLLX,infrastructure,platform,,2021-09-07T22:04:00Z,2021-09-07T22:45:00Z,
    gcp-SDkKgEgDZJCrvutAz3bn,infrastructure,region,eu-central,2021-09-09T19:06:03Z,2021-09-09T19:54:38Z,
    gcp-nkUtGfx3WQcAB1iLEtcd,carrier,carrier,Kestrel Wireless,2021-09-13T17:20:00Z,2021-09-18T08:27:00Z,
    typo-0914,infrastructure,platform,,2021-09-14T06:10:00Z,2021-09-16T06:10:00Z,true
    gcp-AQ2XT5utr5zovdxoE64s,third_party,region,us-east,2021-09-22T10:30:00Z,2021-09-23T18:49:00Z,
    gcp-E18Caoo5X1m6dTa1PVr1,infrastructure,region,us-east,2021-09-22T21:10:00Z,2021-09-23T07:30:00Z,
    gcp-QSirAFiyN5yMeeE6GNxq,infrastructure,region,eu-central,2021-09-27T17:17:00Z,2021-09-29T13:52:00Z,
    aws-lambda-eu-west-1-1633447955,infrastructure,line,+447700900142,2021-10-05T15:32:35Z,,
    gcp-TQ7kUbAPqaEXrxqGKTP9,infrastructure,region,us-central,2021-10-06T20:50:00Z,2021-10-07T00:42:00Z,
    aws-directoryservice-ap-southeast-2-1634086680,infrastructure,region,ap-southeast,2021-10-12T20:00:00Z,2021-10-13T04:15:00Z,
    gcp-m617oqASdckYoegRtPJr,infrastructure,region,us-west,2021-10-18T18:04:00Z,2021-10-18T20:18:00Z,
    gcp-e7k7vJdLNPgefin6BZnx,infrastructure,region,us-west,2021-10-19T01:14:00Z,2021-10-19T09:59:00Z,
    gcp-9X2yAZMaYvM7egWTBioq,infrastructure,platform,,2021-10-19T18:00:00Z,2021-10-19T19:45:00Z,
    gcp-tu3zwM1PgkKadEodDs8e,infrastructure,region,us-central,2021-10-19T18:40:00Z,2021-10-19T23:21:00Z,
    gcp-AB9DV685UZYD2Y7vDQ36,infrastructure,prefix,+1,2021-10-19T23:19:00Z,2021-10-20T09:00:00Z,
    gcp-CcVrekxu6kxWYTuitVf4,infrastructure,region,us-central,2021-10-20T09:00:00Z,2021-10-20T16:30:00Z,
    gcp-sCsR34eVfCzGQMGssusu,infrastructure,plan,office,2021-10-20T15:06:00Z,2021-10-21T16:27:00Z,
    gcp-gFhaHLtkkPrs5N5dNMRG,infrastructure,platform,,2021-10-27T02:58:00Z,2021-10-27T06:07:00Z,
    gcp-aFfDakd653GfsyCBJnZq,infrastructure,region,us-east,2021-10-27T09:00:00Z,2021-10-30T19:00:00Z,

    """
}
