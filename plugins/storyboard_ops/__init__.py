"""Film in, storyboard out. Five rooms; imports go down only:

airflow_ops -> steps -> core | gateways -> domain
"""
