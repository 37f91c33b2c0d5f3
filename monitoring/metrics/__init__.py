"""What Prometheus scrapes: requests counted by web processes, jobs by the database, gauges as they are."""
