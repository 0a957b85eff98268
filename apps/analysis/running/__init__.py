"""What runs: commands, servers, processes and services, and what puts them somewhere."""
