"""Commands about records of service: work, outages, surveys, complaints, notices and statements."""
