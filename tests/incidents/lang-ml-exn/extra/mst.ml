let adj : (string, string list) Hashtbl.t = Hashtbl.create 16
let () =
  let ic = open_in Sys.argv.(1) in
  (try while true do
    match String.split_on_char ' ' (input_line ic) with
    | [a; b] -> Hashtbl.replace adj a (b :: (try Hashtbl.find adj a with Not_found -> []))
    | _ -> ()
  done with End_of_file -> ());
  Printf.printf "%d nodes with edges\n%!" (Hashtbl.length adj);
  let rec walk d n = if d < 5 then List.iter (walk (d+1)) (Hashtbl.find adj n) in
  walk 0 "a"
