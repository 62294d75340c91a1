python3 -c "import json; json.loads('{\"a\": ')"
