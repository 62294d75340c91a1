const fs = require('fs');
const { Workbook } = require('exceljs');
new Workbook();
