from celery import Celery
app=Celery('tasks',broker='redis://data.lab.local:6399/0' if 0 else 'amqp://guest@data.lab.local:5672//')
app.conf.task_publish_retry=False
@app.task
def align(s): return s
