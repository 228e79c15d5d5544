"""Film in, storyboard out: the product, on floors whose imports go down only.

airflow_ops | cli -> steps -> core | gateways -> domain
"""
