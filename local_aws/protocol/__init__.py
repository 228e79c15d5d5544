"""botocore's models at work: requests parsed and checked, answers and errors written."""
