export const id=4015;export const ids=[4015];export const modules={94015:module=>{module.exports=eval("require")("./dry/preview-signatures.ts")}};
