"""What runs in the containers of docker-compose.yaml before and beside Airflow."""
