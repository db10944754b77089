"""The least that a create costs with httpx: one client, one request after the other.

python post.py URL COUNT
"""

import json
import sys

import httpx

url, count = sys.argv[1], int(sys.argv[2])
with httpx.Client() as client:
    for number in range(count):
        body = {"name": f"support-{number:06}", "incomingWebhook": "yes", "outgoingWebhook": "no"}
        answer = client.post(url, json=body).json()
        assert answer["idInstance"], json.dumps(answer)
