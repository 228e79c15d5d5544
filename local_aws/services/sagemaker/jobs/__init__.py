"""SageMaker training and processing jobs, played as local processes on SageMaker's folders."""
