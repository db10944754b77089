"""Creates with the official SDK, one after the other.

python official.py URL TOKEN COUNT
"""

import sys

from whatsapp_api_client_python.API import (  # type: ignore[import-untyped]
    GreenApiPartner,
)

url, token, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
account = GreenApiPartner(token, host=url)
for number in range(count):
    body = {"name": f"support-{number:06}", "incomingWebhook": "yes", "outgoingWebhook": "no"}
    answer = account.partner.createInstance(body)
    assert answer.data["idInstance"], answer.error
