#!/bin/bash
ldapsearch -x -H ldap://ldap.lab.internal:3899 -b dc=lab,dc=internal '(uid=ahsu)' mail
