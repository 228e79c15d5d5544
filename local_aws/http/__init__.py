"""HTTP requests and answers, and the server that receives and sends them."""
