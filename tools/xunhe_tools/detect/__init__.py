"""`xunhe detect`: the shipped models on pictures, folders and videos."""
