"""What AWS calls share: clients, errors, rates, parallel calls, the account, queues."""
