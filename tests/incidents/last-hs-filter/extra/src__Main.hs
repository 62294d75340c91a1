module Main where
import qualified Data.Vector as V
import Data.List (sort)
main :: IO ()
main = interact (unlines . V.toList . V.fromList . sort . lines)
