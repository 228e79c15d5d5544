"""The HTTP app of the boards: the routes of each, inside the web server of Airflow."""
