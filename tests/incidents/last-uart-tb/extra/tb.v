module tb; reg clk=0; wire tx;
uart u(.clk(clk),.tx(tx));
initial begin #10 $display("%d", txd); $display("PASS"); $finish; end
always #1 clk=~clk;
endmodule
