"""Where we go and who pays: sites, orders, visits, fund, claims."""
