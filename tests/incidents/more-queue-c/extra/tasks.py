import time
from celery import Celery
app=Celery('tasks',broker='filesystem://')
app.conf.broker_transport_options={'data_folder_in':'q/in','data_folder_out':'q/in','control_folder':'q/done'}
app.conf.task_time_limit=4
@app.task
def fold(n):
    time.sleep(60); open(n+'.pdb','w').write('ATOM')
