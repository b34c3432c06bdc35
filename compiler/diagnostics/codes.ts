/** Every code of the language reference, section 10. A code, once published, keeps its meaning. */
export const codes = [
  "AF1001", "AF1002", "AF1003", "AF1004", "AF1005",
  "AF1010", "AF1011", "AF1012", "AF1013", "AF1014", "AF1015", "AF1016", "AF1017", "AF1018", "AF1019", "AF1020",
  "AF2001", "AF2002", "AF2003", "AF2005", "AF2006",
  "AF3001", "AF3002", "AF3003", "AF3004", "AF3005", "AF3006", "AF3007", "AF3008", "AF3009", "AF3010", "AF3011",
  "AF3012", "AF3013", "AF3014", "AF3015", "AF3016", "AF3017", "AF3018",
  "AF4001", "AF4002", "AF4003", "AF4004", "AF4005", "AF4006", "AF4007", "AF4008", "AF4010",
  "AF5001", "AF5002", "AF5003", "AF5004", "AF5005", "AF5006",
  "AF6001", "AF6002", "AF6003", "AF6004",
  "AF7001", "AF7002", "AF7003", "AF7004", "AF7005", "AF7006",
  "AF8001", "AF8002", "AF8003", "AF8004",
  "AF9001",
] as const;

export type Code = (typeof codes)[number];
