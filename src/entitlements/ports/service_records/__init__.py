"""Records of service: work, claims, outages, surveys, complaints, notices and statements, dated."""
