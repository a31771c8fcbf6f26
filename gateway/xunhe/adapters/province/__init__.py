"""A province: many gateways send what they took in to desk workers that share one store."""
