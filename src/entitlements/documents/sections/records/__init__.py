"""Records of service in documents: work, missed promises, outages, surveys, complaints, notices."""
