#!/bin/bash
storescu -v -aec PACS01 127.0.0.1 11112 im0.dcm im1.dcm
